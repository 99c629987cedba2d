package io.github.gptoss.spark;

import io.github.gptoss.spark.internal.batch.RowwiseCompleter;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Function1;

/**
 * Prompt in, completion struct out, as a plain Spark function for places where only a UDF fits:
 *
 * <pre>{@code
 * spark.udf().register("gptoss", new GptOssUdf(options), GptOss.completionType());
 * }</pre>
 *
 * and in PySpark {@code spark.udf.registerJavaFunction("gptoss",
 * "io.github.gptoss.spark.GptOssUdf", "<DDL of the struct>")}, with the options in {@code
 * spark.gptoss.*}.
 *
 * <p>A UDF sees one row at a time, so the engine's batch is only as large as the task slots of the
 * executor: expect a fraction of the throughput of {@link GptOss#complete}, which batches thousands
 * of rows, or the SQL functions of {@link GptOssExtensions}, which batch as much; use these
 * wherever there is a choice. Spark may also call a UDF more than once a row where several fields
 * of its result are used; {@code functions.udf(...).asNondeterministic()} prevents that.
 */
public final class GptOssUdf implements UDF1<String, Row> {
  private static final long serialVersionUID = 1L;

  private final CompletionType type;
  private final RowwiseCompleter completer;
  private transient Function1<Object, Object> toExternal;

  /** With the options of the active session's configuration; needs a session, hence the driver. */
  public GptOssUdf() {
    this(GptOssOptions.create());
  }

  /**
   * With these options over the active session's configuration.
   *
   * <p>Throws an {@link org.apache.spark.sql.AnalysisException} if an option or the model's path is
   * wrong.
   */
  public GptOssUdf(GptOssOptions options) {
    SparkSession spark = SparkSession.active();
    ResolvedCall call = SparkFaults.analysed(() -> ResolvedCall.of(spark, options.toMap()));
    type = SparkFaults.analysed(() -> CompletionType.of(call.options()));
    completer = new RowwiseCompleter(call.options(), type);
  }

  @Override
  public Row call(String prompt) {
    return SparkFaults.inTask(
        "", () -> completer.complete(PromptRow.of(prompt, false), this::external));
  }

  private synchronized Row external(InternalRow completion) {
    if (toExternal == null) {
      toExternal = CatalystTypeConverters.createToScalaConverter(type.struct());
    }
    return (Row) toExternal.apply(completion);
  }
}
