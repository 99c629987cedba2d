#!/usr/bin/env bash
# Measures the CPU backend and llama.cpp on the same random weights, one after the other in one run, and prints both
# with the ratio. Needs the command line built (mvn -pl cli -am -DskipTests package), Node.js 20 or later with npm, and
# Python 3 with numpy; PYTHON names another Python than python3.
#
# Usage: compare.sh [FOLDER [options of make_model.py]]
#   FOLDER receives the checkpoint, its GGUF form and the two results; what is there already is used again.
#   Without options: gpt-oss-20b's dimensions with 6 layers and 32,768 tokens, which takes 6 GiB of disk.
# Environment: THREADS (all cores), BATCH (1,8,32,64), PROMPT (16), OUTPUT (16), PREFILL (512), ROUNDS (3).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
folder=${1:-$root/benchmarks/target/llama-cpp}
shift || true
if [ $# -eq 0 ]; then
  set -- --preset 20b --seed 4 --set num_hidden_layers=6 vocab_size=32768 eos_token_id=32766 pad_token_id=32767
fi
threads=${THREADS:-$(nproc)}
options=(--threads "$threads" --batch "${BATCH:-1,8,32,64}" --prompt "${PROMPT:-16}" --output "${OUTPUT:-16}"
  --prefill "${PREFILL:-512}" --rounds "${ROUNDS:-3}")

mkdir -p "$folder"
echo "load average before: $(cut -d' ' -f1 /proc/loadavg) (both want the machine to themselves)" >&2
if [ ! -f "$folder/model/model.safetensors" ]; then
  "$python" "$here/make_model.py" "$folder/making" "$@" >&2
  mv "$folder/making" "$folder/model"
fi
if [ ! -f "$folder/model.gguf" ]; then
  "$python" "$here/to_gguf.py" "$folder/model" "$folder/making.gguf" --dense q8_0 >&2
  mv "$folder/making.gguf" "$folder/model.gguf"
fi
if [ ! -d "$here/node_modules" ]; then
  npm --prefix "$here" install --no-package-lock --no-audit --no-fund >&2
fi

echo "llama.cpp:" >&2
node "$here/bench.mjs" "$folder/model.gguf" "${options[@]}" > "$folder/llama-cpp.json"
echo "gptoss-spark:" >&2
"$root/bin/gptoss" bench --model "$folder/model" "${options[@]}" > "$folder/gptoss.json"

lscpu | sed -n 's/^Model name: */machine: /p'
echo "date: $(date -u +%F)"
"$python" "$here/report.py" "$folder/gptoss.json" "$folder/llama-cpp.json"
