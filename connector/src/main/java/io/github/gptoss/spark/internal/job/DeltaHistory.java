package io.github.gptoss.spark.internal.job;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * The versions of a Delta table, and what Delta tells of them.
 *
 * @param table as SQL statements name it
 */
record DeltaHistory(SparkSession spark, String table) {
  /** Operations that neither change nor remove rows, nor rename what a row consists of. */
  private static final Set<String> HARMLESS =
      Set.of(
          "CREATE TABLE",
          "SET TBLPROPERTIES",
          "UNSET TBLPROPERTIES",
          "ADD COLUMNS",
          "CHANGE COLUMN",
          "ADD CONSTRAINT",
          "DROP CONSTRAINT",
          "UPGRADE PROTOCOL",
          "ADD FEATURE",
          "DROP FEATURE",
          "OPTIMIZE",
          "REORG",
          "CLUSTER BY",
          "VACUUM START",
          "VACUUM END",
          "COMPUTE STATS",
          "FSCK");

  private static final Set<String> APPENDS =
      Set.of("WRITE", "CREATE TABLE AS SELECT", "STREAMING UPDATE");

  /** Operations that change rows and add none. */
  private static final Set<String> WITHOUT_NEW_ROWS = Set.of("DELETE", "UPDATE", "TRUNCATE");

  /** A commit that may have changed rows. */
  record Change(long version, String operation) {
    /** Whether it can only have changed or removed rows, not added any. */
    boolean addsNoRows() {
      return WITHOUT_NEW_ROWS.contains(operation);
    }

    /** For messages: operations with their versions, a few of them. */
    static String list(List<Change> changes) {
      String first =
          changes.stream()
              .limit(3)
              .map(change -> change.operation + " of version " + change.version)
              .collect(Collectors.joining(", "));
      return changes.size() > 3 ? first + " and others" : first;
    }
  }

  /** The version that readers see now. */
  long version() {
    return commits(" LIMIT 1").select("version").head().getLong(0);
  }

  /**
   * The commits that may have changed rows of an earlier version, oldest first. What Delta no
   * longer tells of, or tells under a name that is not known here, may have changed rows too.
   *
   * @param after the earlier version
   * @param last the last version that counts
   */
  List<Change> changes(long after, long last) {
    long count = last - after;
    if (count <= 0) {
      return List.of();
    }
    List<Row> commits =
        commits("")
            .where(functions.col("version").gt(after).and(functions.col("version").leq(last)))
            .orderBy("version")
            .select("version", "operation", "operationParameters")
            .collectAsList();
    if (commits.size() < count) {
      return List.of(new Change(last, "versions that Delta has forgotten"));
    }
    return commits.stream()
        .filter(commit -> !isHarmless(commit.getString(1), commit.getJavaMap(2)))
        .map(commit -> new Change(commit.getLong(0), commit.getString(1)))
        .toList();
  }

  private static boolean isHarmless(String operation, Map<String, String> parameters) {
    String mode = parameters.getOrDefault("mode", parameters.getOrDefault("outputMode", "Append"));
    return HARMLESS.contains(operation)
        || APPENDS.contains(operation) && mode.equalsIgnoreCase("Append");
  }

  /** The version that a run's last commit was made from. */
  long readVersion(String runId) {
    return commits("")
        .where(functions.col("userMetadata").contains(runId))
        .orderBy(functions.col("version").desc())
        .select("readVersion")
        .head()
        .getLong(0);
  }

  private Dataset<Row> commits(String limit) {
    return spark.sql("DESCRIBE HISTORY " + table + limit);
  }

  /** The table as it was at a version. */
  Dataset<Row> read(long version) {
    return spark.sql("SELECT * FROM " + table + " VERSION AS OF " + version);
  }

  /** Delta's own id, location and properties of the table. */
  Row detail() {
    return spark.sql("DESCRIBE DETAIL " + table).head();
  }
}
