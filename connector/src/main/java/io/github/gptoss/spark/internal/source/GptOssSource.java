package io.github.gptoss.spark.internal.source;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.prompts.PromptTables;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import io.github.gptoss.spark.internal.sql.rules.CompletionTable;
import io.github.gptoss.spark.internal.sql.rules.SessionRules;
import io.github.gptoss.spark.internal.sql.rules.TableCompletion;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.CreatableRelationProvider;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * {@code format("gptoss")}: a read-only table, all columns of an input table and their completions.
 * Options are those of {@link SourceOptions}; what is wrong with them shows when the frame is made.
 */
public final class GptOssSource
    implements TableProvider, DataSourceRegister, CreatableRelationProvider {
  private CompletionTable inferred;

  @Override
  public String shortName() {
    return "gptoss";
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    // Spark asks for the table next, and reading an input's schema can cost a job.
    inferred = SparkFaults.analysed(() -> open(options.asCaseSensitiveMap()));
    return inferred.schema();
  }

  /**
   * Where the caller says the columns, it may be a writer, who is refused later and whose path need
   * not exist: the input is opened when it is read.
   */
  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return inferred != null
        ? inferred
        : new CompletionTable("gptoss", schema, () -> withSchema(schema, properties));
  }

  private static Dataset<Row> withSchema(StructType known, Map<String, String> properties) {
    return SparkFaults.analysed(
        () -> {
          CompletionTable table = open(properties);
          if (!table.schema().equals(known)) {
            throw SourceErrors.otherColumns(table.schema());
          }
          return table.rows().get();
        });
  }

  /** Spark itself reads the input, so credentials, deletion vectors and column mapping work. */
  private static CompletionTable open(Map<String, String> properties) {
    SourceOptions options = SourceOptions.of(properties);
    SparkSession spark = SparkSession.active();
    SessionRules.addTo(spark);
    ResolvedCall call = ResolvedCall.of(spark, options.completion());
    Dataset<Row> input = input(spark, options);
    TableCompletion completion = TableCompletion.of(spark, input.schema(), call);
    return new CompletionTable(
        "gptoss(" + options.inputName() + ")",
        completion.schema(),
        () -> completion.complete(input));
  }

  private static Dataset<Row> input(SparkSession spark, SourceOptions options) {
    return options.table() != null
        ? spark.read().options(options.reader()).table(options.table())
        : PromptTables.load(
            spark,
            options.format(),
            options.reader(),
            options.path(),
            options.completion().get(OptionKey.MESSAGES_COL.optionName()));
  }

  /** Lets a writer come as far as {@link #createRelation}, which says what to do instead. */
  @Override
  public boolean supportsExternalMetadata() {
    return true;
  }

  @Override
  public BaseRelation createRelation(
      SQLContext context,
      SaveMode mode,
      scala.collection.immutable.Map<String, String> options,
      Dataset<Row> rows) {
    throw SparkFaults.refusal(SourceErrors.readOnly());
  }
}
