#!/usr/bin/env bash
# Makes the Python package's wheel, python/target/dist/gptoss_spark-VERSION-py3-none-any.whl, with the connector's jar in it.
# With --sdist it makes the source distribution too, which has the jar as well, and the wheel from that.
# Needs Python 3.9 or later with venv, and a package index for the tools that build it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../bin/common.sh"

PYTHON="${PYTHON:-python3}"
jar="$(built_jar connector gptoss-spark)"
[ -n "$jar" ] || fail "there is no connector's jar: run mvn -pl connector -am -DskipTests package"

# 0.1.0-SNAPSHOT is 0.1.0.dev0 in Python, and 0.1.0-rc1 is 0.1.0rc1.
version="$(basename "$jar" .jar)"
version="${version#gptoss-spark-}"
version="${version/-SNAPSHOT/.dev0}"
version="${version/-rc/rc}"
cd "$ROOT/python"
grep -qx "version = \"$version\"" pyproject.toml || fail "the jar's version is $version, and that in python/pyproject.toml is another"

# A jar of another version must not stay beside this one.
rm -rf target/dist src/gptoss_spark/jars
mkdir -p target/dist src/gptoss_spark/jars
cp "$jar" src/gptoss_spark/jars/
cp "$ROOT/LICENSE" "$ROOT/NOTICE" .
if [ ! -x target/venv/bin/pyproject-build ]; then
  "$PYTHON" -m venv target/venv
  target/venv/bin/pip install --quiet build
fi
kinds=(--wheel)
[ "${1:-}" != --sdist ] || kinds=() # a source distribution and the wheel of it are what pyproject-build makes without being told
target/venv/bin/pyproject-build ${kinds[@]+"${kinds[@]}"} --outdir target/dist .
