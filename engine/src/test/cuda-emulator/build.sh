#!/usr/bin/env bash
# Builds the emulator and both builds of the kernels (src/main/cuda, kernels/ here, and SOURCES.cu):  build.sh OUTPUT [SOURCES.cu]
# Prints the folder under OUTPUT with libcuda.so.1, libkernels.so, libkernels-checked.so and kernels.txt (their names), named by the
# hash of everything that went in, this machine's instruction set included. What is there already is not built again.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
main_cuda=$(cd "$here/../../main/cuda" && pwd)
output=$1
shift
extra=()
for source in "$@"; do extra+=("$(realpath "$source")"); done
mkdir -p "$output"
output=$(cd "$output" && pwd)
cxx=${CXX:-g++}

# What -march=native means here, so that outputs carried to another machine are not taken for its own.
native=$("$cxx" -march=native -E -v -x c++ /dev/null 2>&1 | grep -m1 cc1plus || true)
compiler=$("$cxx" --version | head -1)

# Never -ffast-math: its start-up code would flush subnormals on the JVM's threads too. No contraction, so that both builds of the
# kernels, and every optimisation level, round alike; a kernel that wants a fused multiply-add says fmaf.
common="-std=c++17 -march=native -fPIC -fno-math-errno -fno-trapping-math"
runtime_flags="$common -O2 -fno-semantic-interposition -ftls-model=initial-exec -Wall -Wextra -Wno-missing-field-initializers -I$here/device -I$here/runtime"
kernel_flags="$common -ffp-contract=off -Wall -Wno-unknown-pragmas -Wno-unused-variable -Wno-misleading-indentation -Wno-unused-function -ftls-model=global-dynamic -I$here/device -I$main_cuda"
fast_flags="-O2"
checked_flags="-O1 -gdwarf-4 -fsanitize=thread -fsanitize=alignment -DEMULATOR_CHECKED"

hash_of() { sha256sum | cut -c1-16; }
device_hash=$(cat "$here"/device/*.h "$main_cuda"/*.cuh "$here/build.sh" | hash_of)
runtime_hash=$(cat "$here"/runtime/*.h "$here"/device/*.h "$here/build.sh" | hash_of)

objects=$output/objects
mkdir -p "$objects"
pids=()
compile() { # compile OBJECT FLAGS SOURCE: in the background, at most one per core
  [ -f "$1" ] && return
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n || true; done
  # shellcheck disable=SC2086 # flags are words
  ("$cxx" $2 -c "$3" -o "$1.part" && mv "$1.part" "$1") &
  pids+=($!)
}

runtime_objects=()
for source in "$here"/runtime/*.cpp; do
  name=$(basename "$source" .cpp)
  object=$objects/$name.$(printf '%s' "$compiler $native $runtime_flags $runtime_hash" | cat - "$source" | hash_of).o
  runtime_objects+=("$object")
  compile "$object" "$runtime_flags" "$source"
done

fast_objects=()
checked_objects=()
units=()
for source in "$here/runtime/library/library.cpp" "$main_cuda"/*.cu "$here"/kernels/*.cu ${extra[@]+"${extra[@]}"}; do
  name=$(basename "$source" | sed 's/\.[a-z]*$//')
  key=$(printf '%s' "$compiler $native $kernel_flags $fast_flags $checked_flags $device_hash $source" | cat - "$source" | hash_of)
  unit=$objects/$name.$key.cpp
  units+=("$unit")
  if [ ! -f "$unit" ]; then
    # shellcheck disable=SC2086
    kernels=$("$cxx" $kernel_flags -DEMULATOR_LISTS_KERNELS -E -P -x c++ "$source" | tr '\n' ' ' |
      grep -oE '__global__ +(__attribute__\(\([^)]*\)+ +)?void +[A-Za-z_0-9]+ *\(|__global__ +void +[A-Za-z_0-9]+ *\(' |
      sed -E 's/ *\($//; s/.* //' | sort -u || true)
    {
      printf '#include "%s"\n#include "registration.h"\n' "$source"
      for kernel in $kernels; do printf 'EMULATOR_KERNEL(%s)\n' "$kernel"; done
    } > "$unit.part"
    mv "$unit.part" "$unit"
  fi
  fast_objects+=("$objects/$name.$key.fast.o")
  checked_objects+=("$objects/$name.$key.checked.o")
  compile "$objects/$name.$key.fast.o" "$kernel_flags $fast_flags" "$unit"
  compile "$objects/$name.$key.checked.o" "$kernel_flags $checked_flags" "$unit"
done
failed=0
for pid in "${pids[@]:-}"; do
  if [ -n "$pid" ] && ! wait "$pid"; then failed=1; fi
done
if [ "$failed" -ne 0 ]; then exit 1; fi

result=$output/$(printf '%s\n' "${runtime_objects[@]}" "${fast_objects[@]}" "${checked_objects[@]}" | cat - "$here/imports.txt" | hash_of)
if [ ! -d "$result" ]; then
  part=$result.part
  rm -rf "$part"
  mkdir "$part"
  # What JCuda can call and the emulator has not got: says so instead of ending the process.
  nm "${runtime_objects[@]}" | awk '$2 == "T" { print $3 }' | sort > "$part/defined.txt"
  grep -v '^#' "$here/imports.txt" | sort | comm -23 - "$part/defined.txt" | sed 's/.*/int &(void) { return 801; }/' > "$part/stubs.c"
  "${cxx}" -x c -O1 -fPIC -c "$part/stubs.c" -o "$part/stubs.o"
  "$cxx" -shared -Wl,-z,defs -Wl,-Bsymbolic-functions -Wl,-soname,libcuda.so.1 -o "$part/libcuda.so.1" "${runtime_objects[@]}" "$part/stubs.o" -pthread -ldl
  "$cxx" -shared -Wl,-rpath,'$ORIGIN' -o "$part/libkernels.so" "${fast_objects[@]}" -L"$part" -l:libcuda.so.1
  "$cxx" -shared -Wl,-rpath,'$ORIGIN' -o "$part/libkernels-checked.so" "${checked_objects[@]}" -L"$part" -l:libcuda.so.1
  sed -n 's/^EMULATOR_KERNEL(\(.*\))$/\1/p' "${units[@]}" | sort > "$part/kernels.txt"
  # Replaced as a whole: other JVMs may have the old libraries mapped.
  find "$output" -mindepth 1 -maxdepth 1 -type d ! -name objects ! -name "$(basename "$part")" -exec rm -rf {} +
  mv "$part" "$result"
  for object in "$objects"/*; do
    case " ${runtime_objects[*]} ${fast_objects[*]} ${checked_objects[*]} ${units[*]} " in
      *" $object "*) ;;
      *) rm -f "$object" ;;
    esac
  done
fi
echo "$result"
