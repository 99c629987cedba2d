#!/usr/bin/env bash
# Checks and measures the CUDA backend on the GPU of this machine. Runs in the folder that gpu/pack.sh made.
# usage: check.sh STAGE...   The stages, in the order of gpu/README.md, which says what each answers:
#   info        the machine, its tools, and how the driver loaded the kernels
#   probe       rates of tensor instructions, memory and atomics, and whether products have the same bits
#   tests       every test of the CUDA backend, on the GPU instead of the emulator
#   invariance  the same rows, of two LoRA adapters and of none, in steps of many sizes, random weights of 20b and 120b
#   shape       two layers of the real widths against the CPU backend
#   bench20     prefill and decode with random weights of 20b, each operation against its roofline
#   bench120    likewise of 120b
#   profile     Nsight Compute on steps of two layers: issue slots, stalls, occupancy, L2 and memory
#   sanitize    some of the tests under compute-sanitizer's memcheck and racecheck
#   full        20b and 120b in the engine as Spark's tasks use it: prompts of 1,024 tokens, 1,024 generated, 512 sequences in flight
#   compare     transformers on torch, 20b in bfloat16, on the same GPU
# Each ends within LIMIT seconds (470), or is ended. What they print and write is one archive in the folder OUT (./results), which is
# written anew after each stage. Other environment variables: DEVICE=0; MODEL_20B, MODEL_120B: a config.json instead of the model's
# own; BATCHES, PROMPT, OUTPUT (tokens), SEQUENCES, LAYERS, TESTS (a pattern of class names), SHAPE (experts:tokens,...);
# WGMMA=1: invariance, bench20, bench120, profile and full multiply by wgmma, as option cuda_wgmma does.
# Ends with 1 if a stage failed, after all that were asked for.
set -uo pipefail
self="$(readlink -f "${BASH_SOURCE[0]}")"
here="$(dirname "$self")"
stages="info probe tests invariance shape bench20 bench120 profile sanitize full compare"
limit="${LIMIT:-470}"
device="${DEVICE:-0}"
wgmma=(${WGMMA:+--wgmma})
cuda=io.github.gptoss.engine.backend.cuda
java=("$here/runtime/bin/java" --add-modules=jdk.incubator.vector -Xmx12g -Dgpu=real -cp "classes:test-classes:$here/lib/*")

say() { echo "check.sh: $1" >&2; }

config_of() { # config_of 20b|120b
  if [ "$1" = 20b ]; then echo "${MODEL_20B:-20b}"; else echo "${MODEL_120B:-120b}"; fi
}

need() { # need PROGRAM WHERE_IT_COMES_FROM
  command -v "$1" > /dev/null || { say "there is no $1 on the PATH: it comes with $2"; return 1; }
}

# --- The stages. Each runs in the pack's engine folder, prints what is to be read, and writes files into $results.

info() {
  uname -a
  echo "$(nproc) processors, $(awk '/MemTotal/ { printf "%d", $2 / 1048576 }' /proc/meminfo) GiB of memory"
  local program
  for program in nvcc ncu compute-sanitizer; do
    if command -v "$program" > /dev/null; then echo "$program: $("$program" --version | tail -1)"; else echo "$program: none"; fi
  done
  python3 -c 'import sys, torch, transformers
print("python", sys.version.split()[0], "torch", torch.__version__, "transformers", transformers.__version__)' || echo "python3: no torch and transformers"
  "${java[@]}" -version 2>&1
  local code=0
  if need nvidia-smi "the driver"; then
    nvidia-smi --query-gpu=name,memory.total,driver_version,clocks.max.sm,clocks.max.memory,ecc.mode.current,power.limit --format=csv || code=1
    nvidia-smi -q > "$results/nvidia-smi.txt" || code=1
  else
    code=1
  fi
  "${java[@]}" $cuda.CudaProbe --device "$device" || code=1
  return $code
}

probe() { "${java[@]}" $cuda.CudaProbe --device "$device" --image "$here/hardware.fatbin"; }

run_tests() { # run_tests PATTERN [JVM_OPTION...]
  local pattern="$1"
  shift
  "${java[@]}" "$@" io.github.gptoss.engine.PackedTests test-classes "$pattern"
}

tests() { run_tests "${TESTS:-(?!.*RealShape).*[Cc]uda.*Test}"; }

invariance() {
  local model code=0
  for model in 20b 120b; do
    "${java[@]}" $cuda.CudaInvariance --model "$(config_of $model)" --device "$device" \
      --sequences "${SEQUENCES:-512}" --prompt "${PROMPT:-300}" ${wgmma[@]+"${wgmma[@]}"} || code=1
  done
  return $code
}

# 1, 8, 16 and 38 slots an expert of 20b, 2, 9 and 16 of 120b: tiles of 8, 16, 32 and 64.
shape() { run_tests '.*CudaRealShapeTest' "-Dshape=${SHAPE:-32:8,32:64,32:128,32:300,128:64,128:300,128:500}"; }

benchmark() { # benchmark MODEL BATCHES PROMPT OUTPUT
  local tflops
  tflops="$(timeout 90 python3 "$here/compare.py" peak)" || { say "no peak of arithmetic: shares are of memory's alone"; tflops=NaN; }
  "${java[@]}" $cuda.CudaBenchmark --model "$(config_of "$1")" --device "$device" --batch "$2" --prompt "$3" --output "$4" \
    --peak-tflops "$tflops" --json "$results/$1.json" ${wgmma[@]+"${wgmma[@]}"}
}

# Around 1,536 tokens, the mean length of 1,024 tokens after 1,024.
bench20() { benchmark 20b "${BATCHES:-64,256,512,1024}" "${PROMPT:-1504}" "${OUTPUT:-64}"; }
bench120() { benchmark 120b "${BATCHES:-64,256,512,1024}" "${PROMPT:-1504}" "${OUTPUT:-64}"; }

profile() {
  need ncu "Nsight Compute, a part of the CUDA toolkit" || return 1
  local model code=0
  for model in 20b 120b; do
    echo "== $model"
    # The clocks stay as they are: the machine may be shared, and other stages measure with them.
    ncu --clock-control none --profile-from-start off --target-processes all --force-overwrite --export "$results/$model" \
      --section SpeedOfLight --section SchedulerStats --section WarpStateStats --section Occupancy \
      --section MemoryWorkloadAnalysis --section LaunchStats \
      "${java[@]}" $cuda.CudaBenchmark --model "$(config_of $model)" --layers "${LAYERS:-2}" --device "$device" \
      --batch "${BATCHES:-64,256,512}" --prompt "${PROMPT:-1504}" --output 8 --profile ${wgmma[@]+"${wgmma[@]}"} > "$results/$model.log" 2>&1 || code=1
    ncu --import "$results/$model.ncu-rep" --csv --page raw > "$results/$model.csv" || code=1
    python3 "$here/profiled.py" "$results/$model.csv" || code=1
  done
  return $code
}

sanitize() {
  need compute-sanitizer "the CUDA toolkit" || return 1
  local tool code=0 each=$(((limit - 20) / 2))
  for tool in memcheck racecheck; do
    echo "== $tool"
    timeout --kill-after=5 $each compute-sanitizer --tool $tool --error-exitcode 9 --target-processes all "${java[@]}" \
      io.github.gptoss.engine.PackedTests test-classes \
      "${TESTS:-.*\.(CudaLayerTest|CudaSamplingTest|(Product|Attention|Sample|RandomWeights)Kernels?Test|KernelOracleTest)}" \
      > "$results/$tool.log" 2>&1 || { code=1; say "$tool ended with $?; 9: it found errors, 124: its $each s were over"; }
    grep -E "ERROR SUMMARY|RACECHECK SUMMARY|========= (Error|Invalid|Race)|^[0-9]+ tests:" "$results/$tool.log" | sort | uniq -c | head -20
  done
  return $code
}

# The backend's own settings, where SEQUENCES does not say otherwise.
full() {
  local model code=0
  for model in 20b 120b; do
    "${java[@]}" io.github.gptoss.engine.CudaEngineBenchmark --model "$(config_of $model)" --device "$device" \
      --sequences "${SEQUENCES:-0}" --prompt "${PROMPT:-1024}" --output "${OUTPUT:-1024}" \
      --json "$results/$model.json" ${wgmma[@]+"${wgmma[@]}"} || code=1
  done
  return $code
}

compare() {
  need python3 "the system, and needs torch and transformers" || return 1
  python3 "$here/compare.py" run --batch "${BATCHES:-64,256,512}" --prompt "${PROMPT:-1024}" --output "${OUTPUT:-64}" \
    --json "$results/20b.json" ${MODEL_20B:+--tiny}
}

# --- What runs them.

if [ "${1:-}" = --stage ]; then # in a process of its own, which can be ended
  results="$3"
  cd "$here/engine" || exit 2
  "$2"
  exit $?
fi

if [ $# -eq 0 ]; then
  say "name stages: $stages"
  exit 2
fi
for name in "$@"; do
  [[ " $stages " == *" $name "* ]] || { say "there is no stage '$name'; there are $stages"; exit 2; }
done
[ -x "$here/runtime/bin/java" ] || { say "$here has no runtime: run gpu/pack.sh first, then the check.sh in the folder that it made"; exit 2; }
out="$(mkdir -p "${OUT:-results}" && cd "${OUT:-results}" && pwd)" || exit 2
work="$(mktemp -d)" || exit 2
archive="$out/check-$(IFS=-; echo "$*").tar.gz"
save() { tar -C "$work" -czf "$archive.part" . && mv "$archive.part" "$archive"; }
trap 'save; rm -rf "$work"' EXIT
trap 'exit 143' TERM INT

failed=0
date -u +"%Y-%m-%d %H:%M UTC" | tee "$work/summary"
for name in "$@"; do
  start=$SECONDS
  mkdir -p "$work/$name"
  echo "== $name"
  timeout --kill-after=10 "$limit" bash "$self" --stage "$name" "$work/$name" 2> "$work/$name/errors.log" | tee "$work/$name/output.md"
  code=${PIPESTATUS[0]}
  case $code in
    0) line="passed" ;;
    124 | 137) line="FAILED: ended after $limit s" ;;
    *) line="FAILED with $code" ;;
  esac
  if [ "$code" -ne 0 ]; then
    failed=1
    grep -vE '^[[:space:]]+at |INFO|^WARNING' "$work/$name/errors.log" | tail -15 # without Java's stack traces
  fi
  echo "== $name: $line, $((SECONDS - start)) s" | tee -a "$work/summary"
  save
done
echo "all of it: $archive"
exit $failed
