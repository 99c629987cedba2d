package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.FormedAnswer;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** Completions as tests expect them: spelled out field by field, apart from what writes them. */
public final class CompletionRows {
  private CompletionRows() {}

  /**
   * The row that a result has to become.
   *
   * @param prompt null where the prompt's ids are not known
   */
  public static List<Object> expected(GenerationResult result, int[] prompt, RowShare share) {
    FormedAnswer formed = result.formed();
    boolean isCut = formed != null && formed.isCut();
    RequestError error = result.error();
    Usage usage = RowShare.sum(result.usage(), share.earlier());
    List<Object> calls = new ArrayList<>();
    ToolRounds rounds = share.rounds();
    for (AnsweredCall answered : rounds.calls()) {
      ToolCall call = answered.call();
      calls.add(
          RowFactory.create(
              call.id(), call.name(), call.arguments(), answered.result(), answered.error()));
    }
    for (ToolCall call : result.toolCalls()) {
      calls.add(RowFactory.create(call.id(), call.name(), call.arguments(), null, null));
    }
    return Arrays.asList(
        result.response(),
        lines(rounds.reasoning(), result.reasoning()),
        calls,
        formed == null ? null : formed.text(),
        result.finishReason().wireName(),
        RowFactory.create(
            usage.inputTokens(),
            usage.outputTokens(),
            usage.inputTokens() + usage.outputTokens(),
            usage.reasoningTokens(),
            usage.cachedTokens()),
        isCut ? "incomplete_answer" : error == null ? null : error.code(),
        isCut ? CompletionFields.error(result).message() : error == null ? null : error.message(),
        rounds.salvaged() | result.salvaged(),
        lines(rounds.commentary(), result.commentary()),
        formed == null ? null : formed.confidence(),
        formed == null ? null : formed.probabilities(),
        share.effort(),
        rounds.count(),
        null,
        null,
        prompt == null ? null : Arrays.stream(prompt).boxed().toList(),
        Arrays.stream(result.tokens()).boxed().toList());
  }

  private static String lines(String before, String last) {
    if (before.isEmpty()) {
      return last;
    }
    return last == null || last.isEmpty() ? before : before + "\n" + last;
  }

  /**
   * A row of vectors that have token ids, as Spark's users would see it, but for choices, which are
   * lists of what their fields hold.
   */
  public static List<Object> read(CompletionVectors vectors, int row) {
    return read(vectors.row(row), CompletionSchema.completion(true));
  }

  /** The same of vectors of samples, whose rows have no choices and no share. */
  public static List<Object> readSample(CompletionVectors vectors, int row) {
    List<Object> fields = read(vectors.row(row), CompletionSchema.sample(true));
    int choices = CompletionSchema.completion(true).fieldIndex(CompletionSchema.CHOICES);
    fields.addAll(choices, Arrays.asList(null, null));
    return fields;
  }

  private static List<Object> read(InternalRow internal, StructType struct) {
    List<Object> fields = new ArrayList<>();
    StructField[] types = struct.fields();
    for (int i = 0; i < types.length; i++) {
      DataType type = types[i].dataType();
      Object value = internal.isNullAt(i) ? null : internal.get(i, type);
      if (value instanceof MapData map) {
        fields.add(map(map)); // Spark's converter of maps needs more of Spark than is here
      } else if (value != null && types[i].name().equals(CompletionSchema.CHOICES)) {
        StructType choice = (StructType) ((ArrayType) type).elementType();
        ArrayData choices = (ArrayData) value;
        fields.add(
            IntStream.range(0, choices.numElements())
                .mapToObj(at -> read(choices.getStruct(at, choice.length()), choice))
                .toList());
      } else {
        Object external = CatalystTypeConverters.convertToScala(value, type);
        fields.add(
            external instanceof scala.collection.Seq<?> list
                ? CollectionConverters.asJava(list)
                : external);
      }
    }
    return fields;
  }

  private static Map<String, Double> map(MapData map) {
    Map<String, Double> entries = new HashMap<>();
    for (int i = 0; i < map.numElements(); i++) {
      entries.put(map.keyArray().getUTF8String(i).toString(), map.valueArray().getDouble(i));
    }
    return entries;
  }
}
