# Sourced by bin/spark-submit and bin/spark-sql: finds Spark's jars and the connector.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# A folder with jars/, as Spark's own scripts and local-cluster masters expect it.
export SPARK_HOME="$ROOT/integration-tests/target/spark"
export SPARK_SCALA_VERSION=2.13
export SPARK_CONF_DIR="${SPARK_CONF_DIR:-$ROOT/conf}"
export SPARK_DRIVER_MEMORY="${SPARK_DRIVER_MEMORY:-2g}"

CONNECTOR_JAR="$(built_jar connector gptoss-spark)"
if [ -z "$CONNECTOR_JAR" ] || [ ! -d "$SPARK_HOME/jars" ]; then
  fail "the project is not built: run 'mvn -DskipTests package' in $ROOT first"
fi
[ -d "$SPARK_CONF_DIR" ] || fail "SPARK_CONF_DIR is '$SPARK_CONF_DIR', which is not a folder"

# Spark's launcher puts the first on the driver's class path, after Spark's jars, and the others into the driver's command line, which
# then has them with any SPARK_CONF_DIR.
export SPARK_DIST_CLASSPATH="$CONNECTOR_JAR${SPARK_DIST_CLASSPATH:+:$SPARK_DIST_CLASSPATH}"
SPARK_SUBMIT_OPTS="--add-modules=jdk.incubator.vector ${SPARK_SUBMIT_OPTS:-}"
if [ -t 2 ]; then
  SPARK_SUBMIT_OPTS="$SPARK_SUBMIT_OPTS -Dgptoss.stderr.terminal=true"
fi
export SPARK_SUBMIT_OPTS

# Runs Spark's own SparkSubmit in place of this script, as Spark's spark-class does: its launcher makes the driver's command from
# arguments and configuration.
submit() {
  local command=() word count
  while IFS= read -r -d '' word; do command+=("$word"); done < <(
    "$JAVA" -Xmx128m -XX:TieredStopAtLevel=1 -cp "$SPARK_HOME/jars/*" org.apache.spark.launcher.Main \
      org.apache.spark.deploy.SparkSubmit --conf "spark.executor.extraClassPath=$CONNECTOR_JAR" "$@" && printf 'complete\0'
  )
  count=$((${#command[@]} - 1))
  if [ "$count" -lt 2 ] || [ "${command[count]}" != complete ]; then
    exit 1 # the launcher has said why
  fi
  # An empty word and a line break come before it.
  command[1]="${command[1]#$'\n'}"
  exec "${command[@]:1:count-1}"
}
