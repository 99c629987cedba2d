package io.github.gptoss.spark.internal.source.openai;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.is_valid_utf8;

import io.github.gptoss.spark.internal.prompts.RequestSchema;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.PrunedScan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The requests of batch files: one row for each line that is not blank. */
final class BatchRelation extends BaseRelation implements PrunedScan {
  static final String CUSTOM_ID = "custom_id";
  static final String METHOD = "method";
  static final String URL = "url";
  static final String MODEL = "model";
  static final String BODY = "body";
  static final String REQUEST = RequestSchema.DEFAULT_COLUMN;
  static final String LINE = "line";

  /** {@code model} is body.model; {@code line} counts from 1 within its file. */
  private static final StructType REQUESTS =
      new StructType()
          .add(CUSTOM_ID, DataTypes.StringType)
          .add(METHOD, DataTypes.StringType)
          .add(URL, DataTypes.StringType)
          .add(MODEL, DataTypes.StringType)
          .add(BODY, DataTypes.StringType)
          .add(REQUEST, RequestSchema.REQUEST)
          .add(LINE, DataTypes.LongType);

  private final SQLContext context;
  private final Dataset<Row> lines;

  /**
   * @throws org.apache.spark.sql.AnalysisException if nothing is there
   */
  BatchRelation(SQLContext context, String path) {
    this.context = context;
    lines =
        context
            .sparkSession()
            .read()
            .format("text")
            .load(path)
            .select(
                col("value"),
                is_valid_utf8(col("value")),
                col("_metadata.file_path"),
                col("_metadata.file_block_start"));
  }

  @Override
  public SQLContext sqlContext() {
    return context;
  }

  @Override
  public StructType schema() {
    return REQUESTS;
  }

  @Override
  public RDD<Row> buildScan(String[] columns) {
    return LazyRdd.of(
        context.sparkContext(), Row.class, () -> requests(Arrays.asList(columns)).rdd());
  }

  private JavaRDD<Row> requests(List<String> columns) {
    // One RDD for all passes, so that its partitions are the same in each.
    JavaRDD<Row> read = lines.toJavaRDD();
    LineNumbers numbers = columns.contains(LINE) ? LineNumbers.count(read) : LineNumbers.NONE;
    Duplicates duplicates = columns.contains(REQUEST) ? Duplicates.find(read) : Duplicates.NONE;
    return read.mapPartitions(PositionedLines::new)
        .filter(line -> !line.text().isBlank())
        .map(new LineReader(columns, numbers, duplicates));
  }
}
