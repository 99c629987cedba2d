package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import scala.jdk.javaapi.CollectionConverters;

/** Completions as tests expect them: spelled out field by field, apart from what writes them. */
public final class CompletionRows {
  private CompletionRows() {}

  /**
   * The row that a result has to become.
   *
   * @param prompt null where the prompt's ids are not known
   */
  public static List<Object> expected(GenerationResult result, int[] prompt) {
    RequestError error = result.error();
    Usage usage = result.usage();
    List<Object> calls = new ArrayList<>();
    for (ToolCall call : result.toolCalls()) {
      calls.add(RowFactory.create(call.id(), call.name(), call.arguments()));
    }
    return Arrays.asList(
        result.response(),
        result.reasoning(),
        calls,
        null,
        result.finishReason().wireName(),
        RowFactory.create(
            usage.inputTokens(),
            usage.outputTokens(),
            usage.inputTokens() + usage.outputTokens(),
            usage.reasoningTokens(),
            usage.cachedTokens()),
        error == null ? null : error.code(),
        error == null ? null : error.message(),
        result.salvaged(),
        result.commentary(),
        prompt == null ? null : Arrays.stream(prompt).boxed().toList(),
        Arrays.stream(result.tokens()).boxed().toList());
  }

  /** A row of vectors that have token ids, as Spark's users would see it. */
  public static List<Object> read(CompletionVectors vectors, int row) {
    Row external =
        (Row)
            CatalystTypeConverters.createToScalaConverter(CompletionSchema.completion(true))
                .apply(vectors.row(row));
    List<Object> fields = new ArrayList<>();
    for (int i = 0; i < external.length(); i++) {
      Object value = external.get(i);
      fields.add(
          value instanceof scala.collection.Seq<?> s ? CollectionConverters.asJava(s) : value);
    }
    return fields;
  }
}
