package io.github.gptoss.spark.source;

import io.github.gptoss.spark.call.TableCompletion;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * An input table with the completions of its rows.
 *
 * @param name for plans; says nothing of prompts
 * @param input read by Spark, so that credentials, deletion vectors and column mapping keep working
 */
record CompletionTable(String name, Dataset<Row> input, TableCompletion completion)
    implements SupportsRead {

  static CompletionTable open(SparkSession spark, SourceOptions options) {
    Dataset<Row> input = InputTable.read(spark, options);
    TableCompletion completion = TableCompletion.of(spark, input.schema(), options.completion());
    return new CompletionTable("gptoss(" + options.inputName() + ")", input, completion);
  }

  /** Spark 4.0 knows no other way to say what columns there are. */
  @Override
  @Deprecated
  public StructType schema() {
    return completion.schema();
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(TableCapability.BATCH_READ);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    return new CompletionScanBuilder(this);
  }

  /** The name of the column that has to be generated. */
  String completionName() {
    return completion.completion().name();
  }
}
