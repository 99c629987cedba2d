package io.github.gptoss.spark.journal;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.TokenLogprobs;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import io.github.gptoss.spark.executor.CompletionKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * A segment's columns, one row an entry. What a completion has lists of structs of is a list a
 * field: tool call i of a row has the i-th of {@code call_id}, {@code call_name} and {@code
 * call_arguments}; of the log-probabilities' candidates all lie one after another, and {@code
 * top_count} says how many are each token's.
 */
final class SegmentVectors {
  private static final ArrowType INT = new ArrowType.Int(32, true);
  private static final ArrowType TEXT = new ArrowType.Utf8();
  private static final ArrowType REAL = new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);

  static final Schema SCHEMA =
      new Schema(
          List.of(
              field("key", new ArrowType.FixedSizeBinary(CompletionKey.BYTES)),
              field("finish_reason", TEXT),
              field("input_tokens", INT),
              field("output_tokens", INT),
              field("reasoning_tokens", INT),
              field("cached_tokens", INT),
              field("response", TEXT),
              field("reasoning", TEXT),
              field("salvaged", new ArrowType.Bool()),
              field("error_code", TEXT),
              field("error_message", TEXT),
              list("tokens", INT),
              list("call_id", TEXT),
              list("call_name", TEXT),
              list("call_arguments", TEXT),
              list("logprob_token", INT),
              list("logprob", REAL),
              list("top_count", INT),
              list("top_token", INT),
              list("top_logprob", REAL)));

  private final VectorSchemaRoot root;
  private final Lists lists;

  /**
   * @param root of {@link #SCHEMA}; borrowed
   */
  SegmentVectors(VectorSchemaRoot root) {
    this.root = root;
    lists = new Lists(root);
  }

  private static Field field(String name, ArrowType type) {
    return new Field(name, FieldType.nullable(type), null);
  }

  private static Field list(String name, ArrowType type) {
    return new Field(
        name, FieldType.nullable(new ArrowType.List()), List.of(field("element", type)));
  }

  void write(List<JournalEntry> entries) {
    for (int row = 0; row < entries.size(); row++) {
      write(row, entries.get(row));
    }
    root.setRowCount(entries.size());
  }

  private void write(int row, JournalEntry entry) {
    GenerationResult result = entry.result();
    ByteBuffer key = ByteBuffer.allocate(CompletionKey.BYTES);
    entry.key().write(key);
    keys().setSafe(row, key.array());
    setText("finish_reason", row, result.finishReason().name());
    setInt("input_tokens", row, result.usage().inputTokens());
    setInt("output_tokens", row, result.usage().outputTokens());
    setInt("reasoning_tokens", row, result.usage().reasoningTokens());
    setInt("cached_tokens", row, result.usage().cachedTokens());
    setText("response", row, result.response());
    setText("reasoning", row, result.reasoning());
    ((BitVector) root.getVector("salvaged")).setSafe(row, result.salvaged() ? 1 : 0);
    setText("error_code", row, result.error() == null ? null : result.error().code());
    setText("error_message", row, result.error() == null ? null : result.error().message());
    lists.setInts("tokens", row, result.tokens());
    List<ToolCall> calls = result.toolCalls();
    lists.setTexts("call_id", row, calls.stream().map(ToolCall::id).toList());
    lists.setTexts("call_name", row, calls.stream().map(ToolCall::name).toList());
    lists.setTexts("call_arguments", row, calls.stream().map(ToolCall::arguments).toList());
    writeLogprobs(row, result.logprobs());
  }

  private void writeLogprobs(int row, List<TokenLogprobs> logprobs) {
    lists.setInts("logprob_token", row, logprobs.stream().mapToInt(TokenLogprobs::token).toArray());
    lists.setInts(
        "top_count", row, logprobs.stream().mapToInt(token -> token.topTokens().length).toArray());
    lists.setInts(
        "top_token",
        row,
        logprobs.stream().map(TokenLogprobs::topTokens).flatMapToInt(Arrays::stream).toArray());
    lists.setReals("logprob", row, logprobs.stream().map(TokenLogprobs::logprob).toList());
    List<Float> candidates = new ArrayList<>();
    for (TokenLogprobs token : logprobs) {
      for (float logprob : token.topLogprobs()) {
        candidates.add(logprob);
      }
    }
    lists.setReals("top_logprob", row, candidates);
  }

  int rows() {
    return root.getRowCount();
  }

  CompletionKey key(int row) {
    return CompletionKey.read(ByteBuffer.wrap(keys().get(row)));
  }

  int outputTokens(int row) {
    return number("output_tokens", row);
  }

  GenerationResult result(int row) {
    String errorCode = text("error_code", row);
    return new GenerationResult(
        lists.ints("tokens", row),
        FinishReason.valueOf(text("finish_reason", row)),
        new Usage(
            number("input_tokens", row),
            number("output_tokens", row),
            number("reasoning_tokens", row),
            number("cached_tokens", row)),
        text("response", row),
        text("reasoning", row),
        null,
        toolCalls(row),
        ((BitVector) root.getVector("salvaged")).get(row) == 1,
        logprobs(row),
        errorCode == null ? null : new RequestError(errorCode, text("error_message", row)));
  }

  private List<ToolCall> toolCalls(int row) {
    List<String> ids = lists.texts("call_id", row);
    List<String> names = lists.texts("call_name", row);
    List<String> arguments = lists.texts("call_arguments", row);
    List<ToolCall> calls = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      calls.add(new ToolCall(ids.get(i), names.get(i), arguments.get(i)));
    }
    return List.copyOf(calls);
  }

  private List<TokenLogprobs> logprobs(int row) {
    int[] tokens = lists.ints("logprob_token", row);
    float[] values = lists.reals("logprob", row);
    int[] counts = lists.ints("top_count", row);
    int[] candidates = lists.ints("top_token", row);
    float[] candidateValues = lists.reals("top_logprob", row);
    List<TokenLogprobs> logprobs = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < tokens.length; i++) {
      int to = from + counts[i];
      logprobs.add(
          new TokenLogprobs(
              tokens[i],
              values[i],
              Arrays.copyOfRange(candidates, from, to),
              Arrays.copyOfRange(candidateValues, from, to)));
      from = to;
    }
    return List.copyOf(logprobs);
  }

  private FixedSizeBinaryVector keys() {
    return (FixedSizeBinaryVector) root.getVector("key");
  }

  private void setInt(String name, int row, int value) {
    ((IntVector) root.getVector(name)).setSafe(row, value);
  }

  private int number(String name, int row) {
    return ((IntVector) root.getVector(name)).get(row);
  }

  private void setText(String name, int row, String text) {
    Lists.setText((VarCharVector) root.getVector(name), row, text);
  }

  private String text(String name, int row) {
    return Lists.text((VarCharVector) root.getVector(name), row);
  }
}
