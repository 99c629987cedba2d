#!/usr/bin/env bash
# Counts the instructions of the CUDA kernels' inner loops, from the compiled code; needs no GPU. Compiles the kernels as the build does
# and disassembles them with cuobjdump and nvdisasm of the CUDA toolkit, which are installed into the project if there are none.
# usage: gpu/instructions.sh [ARCHITECTURE...]   (default: sm_80 sm_90a sm_100)
# Ends with 1 where a kernel reads fewer bytes a cycle than instructions.py asks of it.
set -euo pipefail
root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"
source "$root/engine/src/main/cuda/toolkit.sh"
work="$root/gpu/target/instructions"
toolkit="$root/engine/.cuda-toolkit-disassembler"
# Of a later release than nvcc: PyPI has none of 13.0.
packages="nvidia-cuda-cuobjdump==13.2.86 nvidia-cuda-nvdisasm==13.2.86"

mkdir -p "$work"
bash "$root/engine/src/main/cuda/build.sh" "$work/kernels.fatbin" "$work/build" true
PATH="${CUDA_HOME:+$CUDA_HOME/bin:}$PATH:/usr/local/cuda/bin:$toolkit/bin"
if ! command -v cuobjdump > /dev/null || ! command -v nvdisasm > /dev/null; then
  echo "installing cuobjdump and nvdisasm into $toolkit" >&2
  # shellcheck disable=SC2086 # packages are words
  fetch_toolkit "$toolkit" $packages
fi

[ $# -gt 0 ] || set -- sm_80 sm_90a sm_100
failed=0
for architecture in "$@"; do
  cuobjdump -sass -arch "$architecture" "$work/kernels.fatbin" > "$work/$architecture.sass"
  cuobjdump -res-usage -arch "$architecture" "$work/kernels.fatbin" > "$work/$architecture.resources" 2>&1
  python3 "$root/gpu/instructions.py" "$architecture" "$work/$architecture.sass" "$work/$architecture.resources" || failed=1
done
exit $failed
