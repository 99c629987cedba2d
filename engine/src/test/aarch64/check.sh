#!/usr/bin/env bash
# Runs the tests of the CPU's kernels, which compare vectors with plain Java bit for bit, whole tiny models included, on an emulated
# aarch64 processor. Needs Debian's or Ubuntu's apt, and compiled tests, in the project's root:
#   mvn -pl engine test-compile dependency:build-classpath -Dmdep.outputFile=target/test-classpath.txt
# Installs nothing: packages are unpacked below engine/target.
set -euo pipefail

engine=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
work="$engine/target/aarch64"
java_package=openjdk-17-jre-headless
mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial" "$work/packages" "$work/root" "$work/host"

fail() {
  echo "check.sh: $1" >&2
  exit 1
}
[ -f "$engine/target/test-classpath.txt" ] || fail "the tests are not compiled: see this script's first lines"
command -v apt-get > /dev/null || fail "there is no apt-get: this script needs Debian or Ubuntu"

# An apt of its own, so that the machine's list of architectures stays as it is.
foreign=(-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::Lists="$work/apt/lists"
  -o Dir::State::Status=/dev/null -o Dir::Cache::Archives="$work/apt/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
  -o Acquire::Languages=none)
if [ ! -x "$work/host/usr/bin/qemu-aarch64-static" ]; then
  (cd "$work/packages" && apt-get -qq download qemu-user-static)
  dpkg -x "$work"/packages/qemu-user-static_*.deb "$work/host"
fi
if [ ! -d "$work/root/usr/lib/jvm" ]; then
  apt-get -qq "${foreign[@]}" update
  (cd "$work/packages" && apt-get -qq "${foreign[@]}" download "$java_package:arm64" libc6:arm64 libgcc-s1:arm64 libstdc++6:arm64 zlib1g:arm64)
  for package in "$work"/packages/*_arm64.deb; do
    dpkg -x "$package" "$work/root"
  done
fi

classpath="$engine/target/test-classes:$engine/target/classes:$(cat "$engine/target/test-classpath.txt")"
cd "$engine"
# NEON's vectors hold 4 floats; the processor that qemu emulates has wider ones of SVE too.
for vectors in -XX:UseSVE=0 -XX:UseSVE=2; do
  "$work/host/usr/bin/qemu-aarch64-static" -L "$work/root" "$work/root/usr/lib/jvm/java-17-openjdk-arm64/bin/java" \
    --add-modules=jdk.incubator.vector "$vectors" -Xmx1g -cp "$classpath" io.github.gptoss.engine.backend.cpu.CpuTests \
    io.github.gptoss.engine.backend.cpu.KernelsTest io.github.gptoss.engine.backend.cpu.CpuModelTest
done
