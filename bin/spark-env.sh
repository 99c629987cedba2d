# Sourced by bin/spark-submit and bin/spark-sql: finds Spark's jars and the connector.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# A folder with jars/, as Spark's own scripts and local-cluster masters expect it.
export SPARK_HOME="$ROOT/integration-tests/target/spark"
export SPARK_SCALA_VERSION=2.13
export SPARK_CONF_DIR="${SPARK_CONF_DIR:-$ROOT/conf}"

CONNECTOR_JAR="$(built_jar connector gptoss-spark)"
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

# Runs Spark's own SparkSubmit; the connector is on the class path of the driver and of every executor.
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
  run_java "${JVM_ARGS[@]}" -cp "$SPARK_CONF_DIR:$CONNECTOR_JAR:$SPARK_HOME/jars/*" io.github.gptoss.spark.SparkSubmitMain \
    --conf "spark.executor.extraClassPath=$CONNECTOR_JAR" "$@"
}
