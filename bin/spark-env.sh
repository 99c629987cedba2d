# Sourced by bin/spark-submit and bin/spark-sql: finds the JVM, Spark's jars and the connector.

fail() {
  echo "${0##*/}: $1" >&2
  exit 2
}

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
if [ -n "${JAVA_HOME:-}" ]; then
  JAVA="$JAVA_HOME/bin/java"
else
  JAVA=java
fi
command -v "$JAVA" > /dev/null || fail "no Java found: install a JDK 17, or set JAVA_HOME"

# A folder with jars/, as Spark's own scripts and local-cluster masters expect it.
export SPARK_HOME="$ROOT/integration-tests/target/spark"
export SPARK_SCALA_VERSION=2.13
export SPARK_CONF_DIR="${SPARK_CONF_DIR:-$ROOT/conf}"

CONNECTOR_JAR=
for jar in "$ROOT"/connector/target/gptoss-spark-*.jar; do
  [ -f "$jar" ] && CONNECTOR_JAR="$jar"
done
if [ -z "$CONNECTOR_JAR" ] || [ ! -d "$SPARK_HOME/jars" ]; then
  fail "the project is not built: run 'mvn -DskipTests package' in $ROOT first"
fi
[ -d "$SPARK_CONF_DIR" ] || fail "SPARK_CONF_DIR is '$SPARK_CONF_DIR', which is not a folder"

JVM_ARGS=()
while IFS= read -r flag; do
  case "$flag" in '' | '#'*) ;; *) JVM_ARGS+=("$flag") ;; esac
done < "$ROOT/conf/spark-java.args"
if [ -f "$SPARK_CONF_DIR/log4j2.properties" ]; then
  JVM_ARGS+=("-Dlog4j2.configurationFile=$SPARK_CONF_DIR/log4j2.properties")
fi
if [ -t 2 ]; then
  JVM_ARGS+=("-Dgptoss.stderr.terminal=true")
fi
# Runs Spark's submit class; the connector is on the class path of the driver and of every executor.
submit() {
  # The driver is this JVM, so its memory has to be known before Spark reads its arguments.
  local memory="${SPARK_DRIVER_MEMORY:-2g}" previous= options
  for argument in "$@"; do
    case "$previous $argument" in
      "--driver-memory "*) memory="$argument" ;;
      "--driver-java-options "*) read -ra options <<< "$argument" && JVM_ARGS+=("${options[@]}") ;;
      "--conf spark.driver.memory="* | "-c spark.driver.memory="*) memory="${argument#*=}" ;;
      *" --driver-memory="*) memory="${argument#*=}" ;;
      *" --conf=spark.driver.memory="*) memory="${argument##*=}" ;;
    esac
    previous="$argument"
  done
  JVM_ARGS+=("-Xmx$memory")
  exec "$JAVA" "${JVM_ARGS[@]}" -cp "$SPARK_CONF_DIR:$CONNECTOR_JAR:$SPARK_HOME/jars/*" org.apache.spark.deploy.SparkSubmit \
    --conf "spark.executor.extraClassPath=$CONNECTOR_JAR" "$@"
}
