#!/usr/bin/env bash
# Tests the Python package on PySpark of the package index: test.sh [VERSION...], by default the newest supported.
# Each version gets an environment in python/target, with the wheel that build.sh makes; JAVA_HOME's JDK runs it.
# Exits with 3 where the environment cannot be made, for want of Python or of a package index.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../bin/common.sh"

PYTHON="${PYTHON:-python3}"
NEWEST=4.3.0

"$ROOT/python/build.sh" || exit 3
cd "$ROOT/python"
wheel="$(echo target/dist/*.whl)"
[ $# -gt 0 ] || set -- "$NEWEST"
for version in "$@"; do
  home="target/pyspark-$version"
  if [ ! -e "$home/installed" ]; then
    "$PYTHON" -m venv "$home" || exit 3
    # The notebook runs on nbclient; pipelines read their specification with PyYAML.
    "$home/bin/pip" install --quiet "pyspark[connect]==$version" pyyaml pytest mypy nbclient ipykernel matplotlib || exit 3
    touch "$home/installed"
  fi
  "$home/bin/pip" install --quiet --no-deps --force-reinstall "$wheel"
  export PYSPARK_PYTHON="$PWD/$home/bin/python"
  echo "== PySpark $version: types"
  "$home/bin/mypy"
  for mode in "" --connect; do
    echo "== PySpark $version: tests ${mode:-of a classic session}"
    "$home/bin/python" -m pytest -q $mode --pyargs tests gptoss_spark
  done
done
