package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.batch.PromptStatistics;
import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.options.SparkConfs;
import io.github.gptoss.spark.internal.prompts.PromptInput;
import io.github.gptoss.spark.internal.sql.CompletionGenerator;
import io.github.gptoss.spark.internal.sql.FunctionCall;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import io.github.gptoss.spark.internal.sql.Scala;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * How tables of one schema are completed by one call: checked when it is made, lazy when it is
 * used. The plan that it makes is the one that {@link ExtractCompletions} makes of a function.
 *
 * @param call options and model
 * @param table columns of the tables
 * @param input where their prompts are
 * @param type of the completions
 */
public record TableCompletion(
    ResolvedCall call, StructType table, PromptInput input, CompletionType type) {
  /** How plans show the calls that no SQL function makes. */
  private static final String NAME = "gptoss_complete";

  /**
   * Checks the columns that a call names, before any job.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a column is wrong
   */
  public static TableCompletion of(SparkSession spark, StructType table, ResolvedCall call) {
    PromptInput input =
        PromptInput.resolve(table, call.options(), SparkConfs.isCaseSensitive(spark))
            .orBrokenLine(table, SparkConfs.corruptRecordColumn(spark));
    return new TableCompletion(call, table, input, CompletionType.of(call.options()));
  }

  private OptionValues options() {
    return call.options();
  }

  /** The column that is added. */
  public StructField completion() {
    return DataTypes.createStructField(options().text(OptionKey.OUTPUT_COL), type.struct(), true);
  }

  /** The table's columns, then the completion. */
  public StructType schema() {
    return table.add(completion());
  }

  /** All columns of the rows, then their completions, without an observer or a store. */
  public Dataset<Row> complete(Dataset<Row> rows) {
    return complete(rows, CompletionObserver.NONE, CompletionStore.Factory.NONE);
  }

  /**
   * All columns of the rows, then their completions; the rows over as many partitions as option
   * {@code repartition} says.
   */
  public Dataset<Row> complete(
      Dataset<Row> rows, CompletionObserver observer, CompletionStore.Factory stores) {
    return generate(spread(rows), functions.lit(true), completion().name(), observer, stores);
  }

  /** Rows that ask the same are brought together where they share one generation. */
  private Dataset<Row> spread(Dataset<Row> rows) {
    int partitions = options().intValue(OptionKey.REPARTITION);
    if (partitions == 0) {
      return rows;
    }
    return options().booleanValue(OptionKey.DEDUPLICATE)
        ? rows.repartition(partitions, input.text())
        : rows.repartition(partitions);
  }

  /**
   * All columns of the rows, then a column of completions: of the rows that ask for one, null for
   * the others, which pass without waiting for the engine.
   *
   * @param rows have the columns of {@link #table}, and may have others
   * @param asked a boolean expression over them
   * @param column name of the column that is added
   */
  public Dataset<Row> generate(
      Dataset<Row> rows,
      Column asked,
      String column,
      CompletionObserver observer,
      CompletionStore.Factory stores) {
    return generate(rows, asked, column, observer, stores, false);
  }

  /**
   * The same of rows that another call of the same query or run has begun, without an observer or a
   * store: a budget counts them, and refuses none of them.
   */
  public Dataset<Row> goOn(Dataset<Row> rows, Column asked, String column) {
    return generate(
        rows, asked, column, CompletionObserver.NONE, CompletionStore.Factory.NONE, true);
  }

  private Dataset<Row> generate(
      Dataset<Row> rows,
      Column asked,
      String column,
      CompletionObserver observer,
      CompletionStore.Factory stores,
      boolean areBegun) {
    SessionRules.addTo(rows.sparkSession());
    // Spark resolves the two expressions over the rows; the generator takes them from its plan.
    Project resolved =
        (Project)
            analyzed(
                rows.select(functions.col("*"), input.request().as("request"), asked.as("asked")));
    int columns = resolved.projectList().size() - 2;
    List<Expression> arguments = List.of(made(resolved, columns), made(resolved, columns + 1));
    FunctionCall function =
        new FunctionCall(
            NAME, input.isMessages(), Map.of(), null, options(), type, observer, stores, areBegun);
    Attribute completion = CompletionGenerator.column(column, function.type());
    LogicalPlan plan =
        new Generate(
            new CompletionGenerator(function, Scala.seq(arguments)),
            Scala.seq(),
            false,
            Option.empty(),
            Scala.seq(completion),
            resolved.child());
    return org.apache.spark.sql.classic.Dataset.ofRows(
        (org.apache.spark.sql.classic.SparkSession) rows.sparkSession(), plan);
  }

  private static Expression made(Project project, int column) {
    return ((Alias) project.projectList().apply(column)).child();
  }

  /** The plan of a frame, columns found, nothing optimized. */
  static LogicalPlan analyzed(Dataset<Row> rows) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution().analyzed();
  }

  /** What {@link PromptStatistics} says of the rows; generates nothing. */
  public Dataset<Row> measure(Dataset<Row> rows) {
    return rows.select(input.request().as("request"))
        .mapPartitions(
            new PromptStatistics(options(), input.isMessages()),
            Encoders.row(PromptStatistics.SCHEMA));
  }
}
