#!/usr/bin/env bash
# Packs what gpu/check.sh needs into a folder that runs where there is a GPU and its driver and nothing else: a small Java
# runtime, the engine with its tests, golden results and the demo prompts. FOLDER.tar.xz beside it is the same to carry.
# usage: gpu/pack.sh [--built CLASS_PATH] [FOLDER]   (default gpu/target/pack)
#   --built   packs the engine as it is built already, with the jars of this class path, and does not call Maven
set -euo pipefail
root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"
class_path=
if [ "${1:-}" = --built ]; then
  class_path="$2"
  shift 2
fi
pack="$(mkdir -p "${1:-$root/gpu/target/pack}" && cd "${1:-$root/gpu/target/pack}" && pwd)"
java="${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}"
modules=java.base,java.logging,java.management,jdk.incubator.vector,jdk.management,jdk.unsupported

cd "$root"
if [ -z "$class_path" ]; then
  mvn -B -ntp -q -pl engine package -DskipTests -Drequire.cuda=true
  mkdir -p gpu/target
  mvn -B -ntp -q -pl engine dependency:build-classpath -DincludeScope=test -Dmdep.outputFile="$root/gpu/target/class-path"
  class_path="$(cat gpu/target/class-path)"
fi
rm -rf "$pack" "$pack.tar.xz"
mkdir -p "$pack/lib" "$pack/engine/src/test" "$pack/examples/data"

# Stored and not deflated, so that xz finds what they have in common.
python3 - "$pack/lib" "$class_path" << 'PYTHON'
import os
import re
import sys
import zipfile

# What no test of the CUDA backend needs; jqwik and ArchUnit would only be asked whether they have tests.
left_out = re.compile("archunit|byte-buddy|jqwik|json-schema-validator|jackson-dataformat|snakeyaml|itu-")
folder, class_path = sys.argv[1:]
for jar in class_path.split(":"):
    name = os.path.basename(jar)
    if not name.endswith(".jar") or left_out.match(name):
        continue
    with zipfile.ZipFile(jar) as packed, zipfile.ZipFile(os.path.join(folder, name), "w") as stored:
        for entry in packed.infolist():
            # JCuda's libraries for the runtime, the compiler and the PTX compiler: the engine calls the driver alone.
            if not entry.filename.endswith(".so") or "libJCudaDriver-" in entry.filename:
                stored.writestr(zipfile.ZipInfo(entry.filename, entry.date_time), packed.read(entry))
PYTHON

"$java/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --vm=server --output "$pack/runtime"
cp -r engine/target/classes engine/target/test-classes "$pack/engine"
ln -s ../../test-classes "$pack/engine/src/test/resources"
cp examples/data/demo-prompts.jsonl "$pack/examples/data"
cp gpu/check.sh gpu/compare.py gpu/profiled.py "$pack"
bash engine/src/main/cuda/build.sh "$pack/hardware.fatbin" engine/target/cuda-hardware true engine/src/test/cuda-emulator/kernels/hardware.cu

compress() {
  if command -v xz > /dev/null; then
    xz -6 -T0 -c
  else
    python3 -c '
import lzma, shutil, sys
with lzma.open(sys.stdout.buffer, "wb", preset=6) as packed:
    shutil.copyfileobj(sys.stdin.buffer, packed, 1 << 20)'
  fi
}
tar -C "$(dirname "$pack")" -c "$(basename "$pack")" | compress > "$pack.tar.xz.part"
mv "$pack.tar.xz.part" "$pack.tar.xz"
bytes=$(($(wc -c < "$pack.tar.xz")))
echo "packed into $pack: $(du -sh "$pack" | cut -f1), $((bytes / 1000000)) MB as $pack.tar.xz; unpack it there and run pack/check.sh info"
if [ $bytes -gt 28000000 ]; then
  echo "pack.sh: the archive has $bytes bytes, more than 28,000,000: leave out what is new in it" >&2
  exit 1
fi
