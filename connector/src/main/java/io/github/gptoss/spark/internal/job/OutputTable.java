package io.github.gptoss.spark.internal.job;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalog.Table;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The Delta table that a job writes: a folder, or a table of a catalog. */
final class OutputTable {
  private static final String COLUMN_MAPPING = "delta.columnMapping.mode";
  private static final String USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata";
  private static final String MATERIALIZE = "spark.databricks.delta.merge.materializeSource";

  private final SparkSession spark;
  private final JobSpec.Output output;
  private final String identifier;
  private final DeltaHistory history;

  /** Null for a table of a catalog. */
  private final Path path;

  private final FileSystem files;

  OutputTable(SparkSession spark, JobSpec.Output output) throws IOException {
    this.spark = spark;
    this.output = output;
    if (output.table() != null) {
      path = null;
      files = null;
      identifier = output.quotedTable();
    } else {
      Path given = new Path(output.path());
      files = given.getFileSystem(spark.sparkContext().hadoopConfiguration());
      path = files.makeQualified(given);
      identifier = TableName.ofPath(path.toString());
    }
    history = new DeltaHistory(spark, identifier);
  }

  /** As SQL statements name it. */
  String identifier() {
    return identifier;
  }

  DeltaHistory history() {
    return history;
  }

  /**
   * Whether there is a table: a run that failed leaves a log without a commit, which is none.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if there is one that is not Delta
   */
  boolean exists() throws IOException {
    if (path != null) {
      Path log = new Path(path, "_delta_log");
      return files.exists(log) && files.globStatus(new Path(log, "*.json")).length > 0;
    }
    if (!spark.catalog().tableExists(identifier)) {
      return false;
    }
    if (!JobInput.isDelta(spark, identifier)) {
      throw JobErrors.outputNotDelta(output);
    }
    return true;
  }

  /**
   * Checks that the table is Delta, or will be.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if it is not
   */
  void checkDelta() throws IOException {
    if (!exists() && path == null) {
      NewTable.check(spark, output);
    }
  }

  /** Whether there is anything that is not a job's own. */
  boolean isTaken() throws IOException {
    if (path == null) {
      return exists();
    }
    if (!files.exists(path)) {
      return false;
    }
    for (FileStatus file : files.listStatus(path)) {
      String name = file.getPath().getName();
      boolean abandoned = name.equals("_delta_log") && !exists();
      if (!abandoned && !name.equals(JobFolder.DEFAULT_NAME)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The folder of the table, in which a job may keep what is its own.
   *
   * @return null where the catalog manages the folder, or the table is yet to be made by name
   */
  String ownFolder() throws IOException {
    if (path != null) {
      return path.toString();
    }
    if (!exists()) {
      return null;
    }
    Table table = catalogTable();
    return table.tableType().equals("MANAGED") ? null : history.detail().getAs("location");
  }

  /**
   * The folder whose permissions are those of the table.
   *
   * @param otherwise a folder of the job's own, where the table's is not known
   */
  String permissionsFrom(String otherwise) {
    return path == null ? otherwise : path.toString();
  }

  private Table catalogTable() {
    try {
      return spark.catalog().getTable(identifier);
    } catch (org.apache.spark.sql.AnalysisException e) {
      throw new IllegalStateException("the table was there a moment ago: " + identifier, e);
    }
  }

  /** The version that readers see now. */
  long version() {
    return history.version();
  }

  Dataset<Row> read(long version) {
    return history.read(version);
  }

  /** The columns of the table that is there. */
  StructType schema() {
    return spark.table(identifier).schema();
  }

  /**
   * Checks that Delta takes the names of the columns.
   *
   * @param columns of the rows that are to be written
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the table is there and does not
   */
  void checkNames(StructType columns) throws IOException {
    String odd = ColumnNames.firstOdd(columns);
    if (odd == null || !exists()) {
      return;
    }
    Map<String, String> properties =
        history.detail().getJavaMap(history.detail().fieldIndex("properties"));
    if (properties.getOrDefault(COLUMN_MAPPING, "none").equals("none")) {
      throw JobErrors.needsColumnMapping(output, odd, identifier);
    }
  }

  /**
   * Checks that what is parsed of answers has the type that the table has.
   *
   * @param column name of the completion's column
   * @param completion its type in the rows that are to be written
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the table is there and has
   *     another
   */
  void checkParsed(String column, StructType completion) throws IOException {
    if (!exists()) {
      return;
    }
    DataType wanted = parsed(completion);
    Arrays.stream(schema().fields())
        .filter(field -> field.name().equalsIgnoreCase(column))
        .filter(field -> field.dataType() instanceof StructType)
        .map(field -> parsed((StructType) field.dataType()))
        .filter(known -> known != null && !known.catalogString().equals(wanted.catalogString()))
        .findFirst()
        .ifPresent(
            known -> {
              throw JobErrors.otherParsedType(output, known, wanted);
            });
  }

  /** Null where there is none. */
  private static DataType parsed(StructType completion) {
    return Arrays.stream(completion.fields())
        .filter(field -> field.name().equals("parsed"))
        .map(StructField::dataType)
        .findFirst()
        .orElse(null);
  }

  /**
   * Writes the rows, by the writer's mode and options.
   *
   * @param userMetadata of the commit
   */
  void save(DataFrameWriter<Row> writer, Dataset<Row> rows, String userMetadata)
      throws IOException {
    DataFrameWriter<Row> mapped =
        ColumnNames.firstOdd(rows.schema()) != null && !exists()
            ? writer.option(COLUMN_MAPPING, "name")
            : writer;
    if (path != null) {
      mapped.option("userMetadata", userMetadata).save(path.toString());
      return;
    }
    // The commit that makes a table by name does not take it as an option. A micro-batch has a
    // session of its own, which sees no setting that is made in the job's meanwhile.
    try (Settings commit = Settings.of(rows.sparkSession()).with(USER_METADATA, userMetadata)) {
      mapped.saveAsTable(identifier);
    }
  }

  /**
   * Puts rows in the place of those that have their ids, in one commit; both tables have each id
   * once.
   *
   * @param id as SQL statements name the column
   */
  void replace(Dataset<Row> rows, String id, String userMetadata) {
    String view = "__gptoss_" + UUID.randomUUID().toString().replace('-', '_');
    rows.createOrReplaceTempView(view);
    // A merge reads its source twice, and completions are to be generated once.
    try (Settings merge =
        Settings.of(spark).with(MATERIALIZE, "all").with(USER_METADATA, userMetadata)) {
      spark.sql(
          "MERGE WITH SCHEMA EVOLUTION INTO %s AS t USING %s AS s ON t.%s = s.%s"
                  .formatted(identifier, view, id, id)
              + " WHEN MATCHED THEN UPDATE SET *");
    } finally {
      spark.catalog().dropTempView(view);
    }
  }
}
