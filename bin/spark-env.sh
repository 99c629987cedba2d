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
  set -- --conf "spark.executor.extraClassPath=$CONNECTOR_JAR" "$@"
  # The driver is this JVM: Spark's launcher tells its memory, options and class path from arguments and configuration.
  local words=() word count i=2
  while IFS= read -r -d '' word; do words+=("$word"); done < <(
    SPARK_DRIVER_MEMORY="${SPARK_DRIVER_MEMORY:-2g}" "$JAVA" -Xmx128m -XX:TieredStopAtLevel=1 -cp "$SPARK_HOME/jars/*" \
      org.apache.spark.launcher.Main org.apache.spark.deploy.SparkSubmit "$@" && printf 'complete\0'
  )
  count=$((${#words[@]} - 1))
  if [ "$count" -lt 2 ] || [ "${words[count]}" != complete ]; then
    exit 1 # the launcher has said why
  fi
  # It begins with an empty word and the path of java, or with env and what java is to have in its environment.
  if [ "${words[1]}" = $'\nenv' ]; then
    while [[ "${words[i]}" == *=* ]]; do
      export "${words[i]?}"
      i=$((i + 1))
    done
    i=$((i + 1))
  fi
  words=("${words[@]:i:count-i}")
  for ((i = 0; i < ${#words[@]}; i++)); do
    case "${words[i]}" in
      -cp) words[i + 1]="$CONNECTOR_JAR:${words[i + 1]}" ;;
      org.apache.spark.deploy.SparkSubmit)
        words[i]=io.github.gptoss.spark.SparkSubmitMain
        break
        ;;
    esac
  done
  run_java "${JVM_ARGS[@]}" "${words[@]}"
}
