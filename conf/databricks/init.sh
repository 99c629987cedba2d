#!/usr/bin/env bash
# Databricks init script: puts the connector on the class path before Spark starts. Libraries of a cluster arrive after the session has
# begun, too late for spark.sql.extensions and spark.plugins, which are then missing without more than a line in the log.
set -euo pipefail

jar="${GPTOSS_JAR:-/Volumes/main/gptoss/files/gptoss-spark.jar}"
if [ ! -f "$jar" ]; then
  echo "gptoss: there is no $jar: upload the connector's jar, or set GPTOSS_JAR in the cluster's environment variables" >&2
  exit 1
fi
cp "$jar" "${GPTOSS_JARS_FOLDER:-/databricks/jars}/gptoss-spark.jar"
