#!/usr/bin/env bash
# Packs what gpu/check.sh needs into a folder that runs where there is a GPU and its driver and nothing else: a small Java
# runtime, the engine with its tests, golden results and the demo prompts. FOLDER.tar.xz beside it is the same to carry.
# usage: gpu/pack.sh [FOLDER]   (default gpu/target/pack)
set -euo pipefail
root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"
pack="$(mkdir -p "${1:-$root/gpu/target/pack}" && cd "${1:-$root/gpu/target/pack}" && pwd)"
java="${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}"
modules=java.base,java.instrument,java.logging,java.management,java.sql,jdk.incubator.vector,jdk.management,jdk.unsupported

cd "$root"
mvn -B -ntp -q -pl engine package -DskipTests -Drequire.cuda=true
mvn -B -ntp -q -pl engine dependency:copy-dependencies -DincludeScope=test -DoutputDirectory="$pack/lib"
junit="$(basename "$pack"/lib/junit-platform-engine-*.jar .jar)"
mvn -B -ntp -q -pl engine dependency:copy -DoutputDirectory="$pack/lib" \
  -Dartifact="org.junit.platform:junit-platform-console-standalone:${junit##*-}"
# The standalone launcher brings JUnit itself; no test of the backend uses ArchUnit, or what AssertJ has Byte Buddy for.
find "$pack/lib" \( -name 'junit-*' ! -name 'junit-platform-console-standalone-*' -o -name 'archunit-*' -o -name 'byte-buddy-*' \) -delete

rm -rf "$pack/runtime" "$pack/engine" "$pack/examples"
"$java/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --vm=server --output "$pack/runtime"
mkdir -p "$pack/engine/src/test" "$pack/engine/target" "$pack/examples/data"
cp -r engine/target/classes engine/target/test-classes "$pack/engine"
ln -s ../../test-classes "$pack/engine/src/test/resources"
cp examples/data/demo-prompts.jsonl "$pack/examples/data"
cp gpu/check.sh gpu/compare.py "$pack"
tar -C "$(dirname "$pack")" -cJf "$pack.tar.xz" "$(basename "$pack")"
echo "packed into $pack: $(du -sh "$pack" | cut -f1), $(du -sh "$pack.tar.xz" | cut -f1) as $pack.tar.xz; run check.sh there"
