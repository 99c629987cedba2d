# Sourced by the scripts of this folder: finds the JVM and the jars that the build made.

fail() {
  echo "${0##*/}: $1" >&2
  exit 2
}

ROOT="$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

if [ -n "${JAVA_HOME:-}" ]; then
  JAVA="$JAVA_HOME/bin/java"
else
  JAVA=java
fi
command -v "$JAVA" > /dev/null || fail "there is no $JAVA: install a JDK of version 17 or later and set JAVA_HOME to it"

# In the C locale the JVM would lose all but ASCII from arguments and file names.
case "${LC_ALL:-${LC_CTYPE:-${LANG:-}}}" in
  *[Uu][Tt][Ff]*8*) ;;
  *) export LC_ALL=C.UTF-8 ;;
esac

# The newest jar of a module, MODULE/target/NAME-*.jar; nothing where the module is not built.
built_jar() {
  local jar newest=
  for jar in "$ROOT/$1/target/$2"-*.jar; do
    case "$jar" in *-sources.jar | *-javadoc.jar | *-tests.jar) continue ;; esac
    if [ -f "$jar" ] && { [ -z "$newest" ] || [ "$jar" -nt "$newest" ]; }; then
      newest="$jar"
    fi
  done
  echo "$newest"
}
