#!/usr/bin/env bash
# Builds the documentation's site in target/site, with the API's pages from Java and Python. A dead link fails it, and so does a page that no
# menu has, or a comment of the Java API that names what there is not. Builds the project first where that was not done.
# `build.sh serve` shows the site at http://127.0.0.1:8000 and follows changes; any other arguments are mkdocs' own.
# Exits with 3 where mkdocs cannot be installed, for want of Python or of a package index.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PYTHON="${PYTHON:-python3}"
home=target/mkdocs
if ! cmp -s docs/requirements.txt "$home/installed"; then
  rm -rf "$home"
  "$PYTHON" -m venv "$home" || exit 3
  "$home/bin/pip" install --quiet --disable-pip-version-check -r docs/requirements.txt || exit 3
  cp docs/requirements.txt "$home/installed"
fi

# What the public classes refer to.
spark=integration-tests/target/spark/jars
if [ ! -d connector/target/classes ] || [ ! -d "$spark" ]; then
  mvn -B -ntp -q -pl integration-tests -am -DskipTests package
fi
engine=engine/src/main/java/io/github/gptoss/engine
connector=connector/src/main/java/io/github/gptoss/spark
rm -rf target/javadoc
"${JAVA_HOME:+$JAVA_HOME/bin/}javadoc" -quiet -Werror -Xdoclint:all,-missing -public -noqualifier "java.*:org.apache.spark.*" -notimestamp -encoding UTF-8 \
  -windowtitle gptoss-spark -doctitle gptoss-spark -d target/javadoc \
  -classpath "connector/target/classes:engine/target/classes:$spark/*" \
  "$connector"/*.java "$connector"/tools/*.java "$engine"/*.java "$engine"/error/*.java "$engine"/harmony/*.java

# A notice of mkdocs-material, which is no finding about the pages.
export NO_MKDOCS_2_WARNING=1
[ $# -gt 0 ] || set -- build
# Not with --quiet: a strict build does not count the warnings that it hides.
"$home/bin/mkdocs" "$@"
