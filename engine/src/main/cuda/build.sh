#!/usr/bin/env bash
# Compiles the kernels beside this script, or those given, into one fatbin:  build.sh FATBIN WORK_FOLDER REQUIRE [SOURCES.cu]
# Without nvcc the file holds one line that says so, unless REQUIRE is true: then nvcc is installed into the project from its PyPI
# packages, and failing that the build fails. With GPTOSS_NVCC=pinned in the environment no other nvcc is taken, so that machines make the
# same bytes. Does nothing where nothing has changed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/toolkit.sh"
fatbin=$1
work=$2
require=$3
shift 3
toolkit=$here/../../../.cuda-toolkit
mkdir -p "$(dirname "$fatbin")" "$work"

# The packages of one CUDA release that nvcc needs to compile device code.
packages="nvidia-cuda-nvcc==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-cuda-runtime==13.0.96"
# sm_80 also runs on 86 and 89; the last target is PTX, for what comes after, which copies in bulk too.
targets="80 90a 100 120"
# No contraction: kernels of one operation for different sizes have to round alike; what is to be fused says fmaf.
flags="-std=c++17 -O3 -fmad=false --no-compress --threads 2"
for target in $targets; do flags="$flags -gencode arch=compute_$target,code=sm_$target"; done
flags="$flags -gencode arch=compute_90,code=compute_90"

knows_all_targets() { # NVCC; its list leaves out the variants with a letter
  local known
  known=$("$1" --list-gpu-code 2> /dev/null) || return 1
  for target in $targets; do grep -qx "sm_${target%a}" <<< "$known" || return 1; done
}

why="there is no nvcc in CUDA_HOME, PATH or /usr/local/cuda"
candidates=("${CUDA_HOME:+$CUDA_HOME/bin/nvcc}" "${CUDA_PATH:+$CUDA_PATH/bin/nvcc}" "$(command -v nvcc || true)" \
  /usr/local/cuda/bin/nvcc "$toolkit/bin/nvcc")
if [ "${GPTOSS_NVCC:-}" = pinned ]; then candidates=("$toolkit/bin/nvcc"); fi
find_nvcc() {
  local candidate
  for candidate in "${candidates[@]}"; do
    if [ -z "$candidate" ] || [ ! -x "$candidate" ]; then continue; fi
    if knows_all_targets "$candidate"; then
      nvcc=$candidate
      return
    fi
    why="$candidate is older than CUDA 12.8, the first that knows sm_100 and sm_120"
  done
  return 1
}

fetch_nvcc() {
  echo "installing nvcc into $toolkit" >&2
  # shellcheck disable=SC2086 # packages are words
  if ! fetch_toolkit "$toolkit" $packages; then
    why="$why, and pip could not download its packages"
    return 1
  fi
}

shopt -s nullglob
sources=("$here"/*.cu)
if [ $# -gt 0 ]; then sources=("$@"); fi

nvcc=
if ! find_nvcc; then
  if [ "$require" = true ] && fetch_nvcc; then find_nvcc || true; fi
  if [ -z "$nvcc" ] && [ "$require" = true ]; then
    echo "the CUDA kernels are required and cannot be compiled: $why" >&2
    exit 1
  fi
  if [ -z "$nvcc" ]; then
    echo "built without CUDA kernels: $why" > "$work/placeholder"
    rm -f "$work/hash"
    cmp -s "$work/placeholder" "$fatbin" || cat "$work/placeholder"
    cp "$work/placeholder" "$fatbin"
    rm -f "${fatbin%.fatbin}.toolkit"
    exit 0
  fi
fi

# One unit, as a fatbin is made of one; so names that kernel files do not share are in a namespace of the file's own.
for source in "${sources[@]}"; do echo "#include \"$(basename "$source")\""; done > "$work/kernels.cu"
includes=()
for source in "${sources[@]}"; do includes+=("-I$(cd "$(dirname "$source")" && pwd)"); done

hash=$({ "$nvcc" --version; echo "$flags"; cat "${BASH_SOURCE[0]}" "$work/kernels.cu" "$here"/*.cuh "${sources[@]}"; } | sha256sum)
if [ -f "$fatbin" ] && [ -f "${fatbin%.fatbin}.toolkit" ] && [ "$(cat "$work/hash" 2> /dev/null)" = "$hash" ]; then exit 0; fi

# In the work folder, so that no path of this machine gets into the file.
# shellcheck disable=SC2086 # flags are words
if ! (cd "$work" && "$nvcc" $flags --fatbin -I"$here" "${includes[@]}" -o kernels.fatbin kernels.cu > log 2>&1); then
  cat "$work/log" >&2
  exit 1
fi
grep -i warning "$work/log" >&2 || true
cp "$work/kernels.fatbin" "$fatbin"
# What a driver has to be new enough for.
"$nvcc" --version | sed -n 's/.*release \([0-9]*\.[0-9]*\).*/\1/p' > "${fatbin%.fatbin}.toolkit"
echo "$hash" > "$work/hash"
