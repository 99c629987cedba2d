#!/usr/bin/env bash
# Measures the CPU backend beside llama.cpp and beside OpenVINO GenAI, each on the same random weights of gpt-oss-20b's dimensions, one after the other in one
# run, and prints a table for each peer. Needs the command line built (mvn -pl cli -am -DskipTests package) and Python 3; for llama.cpp Node.js 20 or later with npm.
#
# Usage: compare.sh [FOLDER]
#   FOLDER receives checkpoints, their forms for the peers, and results; what is there already is used again. It takes 22 GiB of disk.
# Environment: PEERS (llama-cpp,openvino), THREADS (all cores), BATCH (1,8,64,128), PROMPT (16), OUTPUT (16), PREFILL (512), ROUNDS (3),
#   LAYERS (6 for llama.cpp and 4 for OpenVINO, whose export takes 14 GiB of memory at 4).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=${1:-$root/benchmarks/target/peers}
peers=${PEERS:-llama-cpp,openvino}
threads=${THREADS:-$(nproc)}
options=(--threads "$threads" --batch "${BATCH:-1,8,64,128}" --prompt "${PROMPT:-16}" --output "${OUTPUT:-16}"
  --prefill "${PREFILL:-512}" --rounds "${ROUNDS:-3}")
mkdir -p "$folder"

# Makes a virtual environment once:  python NAME PACKAGE...  Prints its interpreter.
python() {
  local name=$1
  shift
  if [ ! -f "$folder/$name/ready" ]; then
    python3 -m venv --clear "$folder/$name" >&2
    "$folder/$name/bin/pip" install --quiet "$@" >&2
    touch "$folder/$name/ready"
  fi
  echo "$folder/$name/bin/python"
}

# Makes a checkpoint of so many layers once, and prints its folder.
checkpoint() {
  local model=$folder/model-$1
  if [ ! -d "$model" ]; then
    "$(python numpy numpy)" "$here/make_model.py" "$model.making" --preset 20b --seed 4 \
      --set "num_hidden_layers=$1" vocab_size=32768 eos_token_id=32766 pad_token_id=32767 >&2
    mv "$model.making" "$model"
  fi
  echo "$model"
}

# Makes what a peer needs to read a checkpoint, once.
prepare() {
  local model=$2
  case $1 in
    llama-cpp)
      if [ ! -f "$model.gguf" ]; then
        "$(python numpy numpy)" "$here/to_gguf.py" "$model" "$model.gguf.making" --dense q8_0 >&2
        mv "$model.gguf.making" "$model.gguf"
      fi
      if [ ! -d "$here/node_modules" ]; then npm --prefix "$here" install --no-package-lock --no-audit --no-fund >&2; fi
      ;;
    openvino)
      local interpreter
      interpreter=$(python openvino 'openvino-genai==2026.4.*' 'optimum-intel[openvino]==2.2.*')
      if [ ! -d "$model.openvino" ]; then
        "$interpreter" "$here/bench_openvino.py" export "$model" "$model.openvino.making" >&2
        mv "$model.openvino.making" "$model.openvino"
      fi
      ;;
    *)
      echo "compare.sh: PEERS names '$1': use llama-cpp, openvino or both, separated by a comma" >&2
      exit 2
      ;;
  esac
}

# Measures a peer on a checkpoint.
measure() {
  case $1 in
    llama-cpp) node "$here/bench_llama_cpp.mjs" "$2.gguf" "${options[@]}" ;;
    openvino) "$(python openvino)" "$here/bench_openvino.py" bench "$2.openvino" "${options[@]}" ;;
  esac
}

lscpu | sed -n 's/^Model name: */machine: /p'
echo "date: $(date -u +%F)"
for name in ${peers//,/ }; do
  layers=${LAYERS:-$([ "$name" = openvino ] && echo 4 || echo 6)}
  model=$(checkpoint "$layers")
  prepare "$name" "$model"
  echo "load average before: $(cut -d' ' -f1 /proc/loadavg) (both want the machine to themselves)" >&2
  echo "$name:" >&2
  measure "$name" "$model" > "$folder/$name.json"
  echo "gptoss-spark:" >&2
  "$root/bin/gptoss" bench --model "$model" "${options[@]}" > "$folder/gptoss-$name.json"
  echo
  echo "$layers layers"
  python3 "$here/report.py" "$name" "$folder/gptoss-$name.json" "$folder/$name.json"
done
