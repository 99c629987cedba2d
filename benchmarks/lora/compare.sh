#!/usr/bin/env bash
# Measures decode of a batch without adapters and with requests that take turns in naming four of rank 16, which change every
# matrix that an adapter can change, in one run on random weights. Needs the command line built (mvn -pl cli -am -DskipTests
# package) and Python 3 with numpy; PYTHON names another Python than python3.
#
# Usage: compare.sh [FOLDER]; FOLDER receives model and adapters, 4 GiB; what is there already is used again.
# Environment: BATCH (64), PROMPT (16), OUTPUT (16), ROUNDS (3), RANK (16), DTYPE (f32, or bf16).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
folder=${1:-$root/benchmarks/target/lora}
rank=${RANK:-16}
dtype=${DTYPE:-f32}
mkdir -p "$folder"
if [ ! -f "$folder/model/model.safetensors" ]; then
  "$python" "$root/benchmarks/peers/make_model.py" "$folder/making" --preset 20b --seed 4 \
    --set num_hidden_layers=4 vocab_size=32768 eos_token_id=32766 pad_token_id=32767 >&2
  mv "$folder/making" "$folder/model"
fi
adapters=()
for seed in 1 2 3 4; do
  adapter="$folder/adapter-$dtype-$rank-$seed"
  if [ ! -f "$adapter/adapter_config.json" ]; then
    "$python" "$here/make_adapter.py" "$folder/model" "$adapter" --rank "$rank" --seed "$seed" --dtype "$dtype"
  fi
  adapters+=(--lora "a$seed=$adapter")
done
"$root/bin/gptoss" bench --model "$folder/model" --batch "${BATCH:-64}" --prompt "${PROMPT:-16}" --output "${OUTPUT:-16}" \
  --prefill 16 --rounds "${ROUNDS:-3}" "${adapters[@]}"
