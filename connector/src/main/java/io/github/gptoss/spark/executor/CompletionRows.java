package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import io.github.gptoss.spark.arrow.CompletionBatch;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Completion structs as external rows, field by field as {@code CompletionSchema} has them. */
final class CompletionRows {
  private CompletionRows() {}

  static Row of(GenerationResult result) {
    return RowFactory.create(fields(result).toArray());
  }

  /** With the token ids at its end. */
  static Row of(GenerationResult result, int[] prompt) {
    List<Object> fields = fields(result);
    fields.add(tokens(IntBuffer.wrap(prompt)));
    fields.add(tokens(IntBuffer.wrap(result.tokens())));
    return RowFactory.create(fields.toArray());
  }

  private static List<Object> fields(GenerationResult result) {
    RequestError error = result.error();
    List<Object> fields = new ArrayList<>();
    fields.add(result.response());
    fields.add(result.reasoning());
    fields.add(toolCalls(result.toolCalls()));
    fields.add(null);
    fields.add(result.finishReason().wireName());
    fields.add(usage(result.usage()));
    fields.add(error == null ? null : error.code());
    fields.add(error == null ? null : error.message());
    fields.add(result.salvaged());
    return fields;
  }

  static Row of(CompletionBatch batch, int index, boolean includeTokens) {
    List<Object> fields = new ArrayList<>();
    fields.add(batch.response(index));
    fields.add(batch.reasoning(index));
    fields.add(toolCalls(batch.toolCalls(index)));
    fields.add(null);
    fields.add(batch.finishReason(index));
    fields.add(usage(batch.usage(index)));
    fields.add(batch.errorCode(index));
    fields.add(batch.errorMessage(index));
    fields.add(batch.salvaged(index));
    if (includeTokens) {
      fields.add(tokens(batch.promptTokens(index)));
      fields.add(tokens(batch.completionTokens(index)));
    }
    return RowFactory.create(fields.toArray());
  }

  private static Row usage(Usage usage) {
    return RowFactory.create(
        usage.inputTokens(),
        usage.outputTokens(),
        usage.totalTokens(),
        usage.reasoningTokens(),
        usage.cachedTokens());
  }

  private static Seq<Row> toolCalls(List<ToolCall> calls) {
    return seq(
        calls.stream()
            .map(call -> RowFactory.create(call.id(), call.name(), call.arguments()))
            .toList());
  }

  private static Seq<Integer> tokens(IntBuffer ids) {
    List<Integer> boxed = new ArrayList<>(ids.remaining());
    while (ids.hasRemaining()) {
      boxed.add(ids.get());
    }
    return seq(boxed);
  }

  private static <T> Seq<T> seq(List<T> values) {
    return CollectionConverters.asScala(values).toSeq();
  }
}
