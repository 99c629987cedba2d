#!/usr/bin/env bash
# Makes a release of the commit that is checked out, in target/release/VERSION/dist:  dev/release.sh [OPTION...] VERSION
# VERSION is 0.1.0, or 0.1.0-rc1, where the POMs have 0.1.0-SNAPSHOT. docs/dev/release.md says what to do before and after.
#   --key KEY      signs with this key of gpg; by default with gpg's default key, and not at all where gpg has none
#   --no-sign      does not sign
#   --skip-tests   leaves out the tests, to try the script
# Everything is built twice, from copies of the commit in two folders, and has to have the same bytes both times.
# Environment: JAVA_HOME, a JDK 17; GPG_PASSPHRASE, if the key has one and no agent knows it.
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../bin/common.sh"
cd "$ROOT"

usage="usage: dev/release.sh [--key KEY | --no-sign] [--skip-tests] VERSION"
key=
sign=true
tests=true
version=
while [ $# -gt 0 ]; do
  case "$1" in
    --key)
      [ -n "${2:-}" ] || fail "--key needs a key; $usage"
      key="$2"
      shift
      ;;
    --no-sign) sign=false ;;
    --skip-tests) tests=false ;;
    -*) fail "unknown option $1; $usage" ;;
    *)
      [ -z "$version" ] || fail "there are two versions, $version and $1; $usage"
      version="$1"
      ;;
  esac
  shift
done

# What is wrong shows before anything is built.
[[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+(-rc[0-9]+)?$ ]] || fail "the version '$version' is not like 0.1.0 or 0.1.0-rc1; $usage"
base="$(sed -n 's|^  <version>\(.*\)-SNAPSHOT</version>$|\1|p' pom.xml)"
[ "${version%-rc*}" = "$base" ] || fail "the POMs have version $base-SNAPSHOT, of which $version is no release"
[ -z "$(git status --porcelain)" ] || fail "there are changes that are not committed, and a release is what a commit holds"
commit="$(git rev-parse HEAD)"
tagged="$(git rev-parse --quiet --verify "refs/tags/v$version^{commit}" || true)"
[ -z "$tagged" ] || [ "$tagged" = "$commit" ] || fail "the tag v$version is another commit than the one that is checked out"
case "$version" in
  *-rc*) ;;
  *) grep -q "^## \[$version\]" CHANGELOG.md || fail "CHANGELOG.md has no section [$version]" ;;
esac
"$JAVA" -version 2>&1 | grep -q 'version "17\.' || fail "a release is built with JDK 17: set JAVA_HOME to one"
for program in git mvn python3 sha256sum; do
  command -v "$program" > /dev/null || fail "there is no $program"
done
unsigned=
if [ "$sign" = false ]; then
  unsigned="--no-sign was given"
elif [ -n "$key" ]; then
  gpg --batch --list-secret-keys "$key" > /dev/null 2>&1 || fail "gpg has no secret key $key"
elif ! command -v gpg > /dev/null; then
  unsigned="there is no gpg"
else
  keys="$(gpg --batch --list-secret-keys --with-colons 2> /dev/null || true)"
  [[ $'\n'"$keys" == *$'\n'sec* ]] || unsigned="gpg has no secret key"
fi

work="$ROOT/target/release/$version"
dist="$work/dist"
rm -rf "$work"
mkdir -p "$dist"

# A copy of the commit in FOLDER, in which the version is the release's.
copy() {
  local python_version="${version/-rc/rc}"
  mkdir -p "$1"
  git archive "$commit" | tar -x -C "$1"
  sed -i "s|<version>$base-SNAPSHOT</version>|<version>$version</version>|" "$1"/pom.xml "$1"/*/pom.xml
  sed -i "s|^version = \"$base\.dev0\"$|version = \"$python_version\"|" "$1/python/pyproject.toml"
  if grep -n SNAPSHOT "$1"/pom.xml "$1"/*/pom.xml; then fail "these POMs still have a SNAPSHOT"; fi
}

# Builds the copy in FOLDER, with these flags and goals of Maven: its target/repository and python/target/dist.
build() {
  local folder="$1"
  shift
  (
    cd "$folder"
    # deploy goes into a folder and lays the files out as a repository does. What is installed would be of no commit's version.
    mvn -B -ntp -Prelease -Drequire.cuda=true -Dmaven.install.skip=true \
      -DaltDeploymentRepository="release::file://$folder/target/repository" "$@" deploy
    python/build.sh --sdist
  )
}

# The files of a built copy that are released, each with its hash.
released() {
  (cd "$1" && find target/repository python/target/dist -type f ! -name 'maven-metadata*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

if ! dev/lint.sh > "$work/lint.log" 2>&1; then
  cat "$work/lint.log" >&2
  fail "dev/lint.sh found something, or could not run"
fi

export GPTOSS_NVCC=pinned
# Jars hold the modes of the files that they are made of.
umask 022
if [ "$tests" = true ]; then
  # Those of .ci/run.
  flags=(-Drequire.gpu.emulator=true -Drequire.pyspark=true)
else
  flags=(-pl connector -am -Dmaven.test.skip=true)
fi
echo "Building and testing $version of $commit in $work/first; its output is in $work/first.log" >&2
copy "$work/first"
build "$work/first" "${flags[@]}" > "$work/first.log" 2>&1 || { tail -n 40 "$work/first.log" >&2; fail "the build failed"; }

echo "Building it again, in another folder, time zone and locale; the output is in $work/second.log" >&2
copy "$work/second/elsewhere"
ln -s "$work/first/engine/.cuda-toolkit" "$work/second/elsewhere/engine/.cuda-toolkit"
(
  export TZ=Pacific/Auckland LC_ALL=C.UTF-8 MAVEN_OPTS="-Duser.language=de -Duser.country=DE"
  build "$work/second/elsewhere" -pl connector -am -Dmaven.test.skip=true
) > "$work/second.log" 2>&1 || { tail -n 40 "$work/second.log" >&2; fail "the second build failed"; }
released "$work/first" > "$work/first.sums"
released "$work/second/elsewhere" > "$work/second.sums"
diff "$work/first.sums" "$work/second.sums" >&2 || fail "the two builds differ, so the release could not be reproduced"

artifact="io/github/gptoss/gptoss-spark_2.13/$version"
files="$work/first/target/repository/$artifact"
python3 dev/check_release.py "$version" "$files" "$work/first/python/target/dist" "$work/first" || fail "the release is not complete"

sign() {
  [ -z "$unsigned" ] || return 0
  local options=(--batch --yes --armor --detach-sign)
  [ -z "$key" ] || options+=(--local-user "$key")
  if [ -n "${GPG_PASSPHRASE:-}" ]; then
    gpg "${options[@]}" --pinentry-mode loopback --passphrase-fd 3 "$1" 3<<< "$GPG_PASSPHRASE"
  else
    gpg "${options[@]}" "$1"
  fi
  gpg --batch --quiet --verify "$1.asc" "$1" 2> "$work/gpg.log" || fail "the signature of $1 is not right: $(cat "$work/gpg.log")"
}

# What Maven Central takes: a repository's files, each with its checksums and its signature.
bundle="$work/central"
mkdir -p "$bundle/$artifact"
for file in "$files"/*; do
  case "$file" in *.md5 | *.sha1 | *.sha256 | *.sha512) continue ;; esac
  target="$bundle/$artifact/$(basename "$file")"
  cp "$file" "$target"
  for sum in md5 sha1 sha256 sha512; do
    "${sum}sum" < "$file" | cut -d ' ' -f 1 | tr -d '\n' > "$target.$sum"
  done
  sign "$target"
done
(
  cd "$bundle"
  python3 - "$dist/gptoss-spark-$version-central.zip" << 'PYTHON'
import pathlib
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1], "w") as bundle:
    for file in sorted(path for path in pathlib.Path("io").rglob("*") if path.is_file()):
        # Without the time of this build.
        bundle.writestr(zipfile.ZipInfo(str(file)), file.read_bytes())
PYTHON
)

cp "$files/gptoss-spark_2.13-$version.jar" "$files/gptoss-spark_2.13-$version-cyclonedx.json" "$work/first/python/target/dist"/* "$dist"
{
  echo "commit $commit"
  "$JAVA" -version 2>&1
  mvn -B -version | sed -n "s|^.*\(Apache Maven [^ ]*\).*|\1|p"
  python3 --version
  "$work/first/engine/.cuda-toolkit/bin/nvcc" --version | tail -n 2
} > "$dist/build.txt"
(cd "$dist" && LC_ALL=C && sha256sum -- * > "$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
sign "$dist/SHA256SUMS"

echo "Release $version of $commit: two builds had equal bytes, and the contents are right. $dist has:"
(cd "$dist" && ls -l)
[ "$tests" = true ] || echo "NOT TESTED: --skip-tests was given."
[ -z "$unsigned" ] || echo "NOT SIGNED: $unsigned. Maven Central takes signed files only."
[ -n "$tagged" ] || echo "NOT TAGGED: there is no tag v$version."
