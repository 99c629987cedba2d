package io.github.gptoss.spark.job;

import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** The Delta table that a job writes. */
final class OutputTable {
  private final SparkSession spark;
  private final FileSystem files;
  private final Path path;

  OutputTable(SparkSession spark, String output) throws IOException {
    this.spark = spark;
    Path given = new Path(output);
    files = given.getFileSystem(spark.sparkContext().hadoopConfiguration());
    path = files.makeQualified(given);
  }

  String path() {
    return path.toString();
  }

  /** Whether there is a table: a run that failed leaves a log without a commit, which is none. */
  boolean exists() throws IOException {
    Path log = new Path(path, "_delta_log");
    return files.exists(log) && files.globStatus(new Path(log, "*.json")).length > 0;
  }

  /** Whether there is anything that is not a job's own. */
  boolean isTaken() throws IOException {
    if (!files.exists(path)) {
      return false;
    }
    for (FileStatus file : files.listStatus(path)) {
      String name = file.getPath().getName();
      boolean abandoned = name.equals("_delta_log") && !exists();
      if (!abandoned && !name.equals("_gptoss")) {
        return true;
      }
    }
    return false;
  }

  /** The version that readers see now. */
  long version() {
    return history(" LIMIT 1").select("version").head().getLong(0);
  }

  /** The version that a run's last commit was made from. */
  long readVersion(String runId) {
    return history("")
        .where(functions.col("userMetadata").contains(runId))
        .orderBy(functions.col("version").desc())
        .select("readVersion")
        .head()
        .getLong(0);
  }

  private Dataset<Row> history(String limit) {
    return spark.sql("DESCRIBE HISTORY delta.`" + path().replace("`", "``") + "`" + limit);
  }

  Dataset<Row> read(long version) {
    return spark.read().format("delta").option("versionAsOf", version).load(path());
  }
}
