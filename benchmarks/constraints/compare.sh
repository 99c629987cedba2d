#!/usr/bin/env bash
# Times constraints here and in llguidance and xgrammar on the same cases, one after the other.
#
#   benchmarks/constraints/compare.sh [FILE]
#
# FILE has lines of {"schema", "text"}; without one, the schemas of the reference cases are taken
# with the longest accepted text of each. Needs python3 with a package index.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=benchmarks/target/constraints
mkdir -p "$work"
cases=${1:-}
if [ -z "$cases" ]; then
  cases=$work/cases.jsonl
  python3 - engine/src/test/resources/goldens/structured/accept.jsonl > "$cases" <<'PY'
import json, sys
longest = {}
for line in open(sys.argv[1]):
    case = json.loads(line)
    if case["accepted"]:
        key = json.dumps(case["schema"])
        longest[key] = max(longest.get(key, ""), case["instance_text"], key=len)
for key, text in longest.items():
    print(json.dumps({"schema": json.loads(key), "text": text}))
PY
fi
jar=benchmarks/target/benchmarks.jar
[ -f "$jar" ] || mvn -B -ntp -q -pl benchmarks -am -DskipTests package
if [ ! -x "$work/venv/bin/python" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" -q install llguidance==1.9.1 xgrammar==0.2.9 tiktoken==0.14.0
fi
python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("com/knuddels/jtokkit/o200k_base.tiktoken"))' \
  "$jar" > "$work/o200k_base.tiktoken"
java -cp "$jar" io.github.gptoss.benchmarks.ConstraintTimes "$cases"
"$work/venv/bin/python" benchmarks/constraints/peers.py "$cases" "$work/o200k_base.tiktoken"
