package io.github.gptoss.spark.arrow;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarCharVector;

/**
 * Completions of consecutive rows, off-heap, one vector a field of {@code CompletionSchema}. Tool
 * calls of all rows lie one after another; row i's are those from {@code toolCallEnd(i - 1)} to
 * {@code toolCallEnd(i)}.
 */
public final class CompletionBatch implements AutoCloseable {
  private final VarCharVector response;
  private final VarCharVector reasoning;
  private final VarCharVector finishReason;
  private final VarCharVector errorCode;
  private final VarCharVector errorMessage;
  private final IntVector inputTokens;
  private final IntVector outputTokens;
  private final IntVector reasoningTokens;
  private final IntVector cachedTokens;
  private final BitVector salvaged;
  private final IntVector toolCallEnd;
  private final VarCharVector toolCallId;
  private final VarCharVector toolCallName;
  private final VarCharVector toolCallArguments;
  private final List<ValueVector> vectors;
  private final TokenVector promptTokens;
  private final TokenVector completionTokens;
  private int rows;
  private int toolCalls;

  public CompletionBatch(BufferAllocator allocator) {
    response = new VarCharVector("response", allocator);
    reasoning = new VarCharVector("reasoning", allocator);
    finishReason = new VarCharVector("finish_reason", allocator);
    errorCode = new VarCharVector("error_code", allocator);
    errorMessage = new VarCharVector("error_message", allocator);
    inputTokens = new IntVector("input_tokens", allocator);
    outputTokens = new IntVector("output_tokens", allocator);
    reasoningTokens = new IntVector("reasoning_tokens", allocator);
    cachedTokens = new IntVector("cached_tokens", allocator);
    salvaged = new BitVector("salvaged", allocator);
    toolCallEnd = new IntVector("tool_call_end", allocator);
    toolCallId = new VarCharVector("id", allocator);
    toolCallName = new VarCharVector("name", allocator);
    toolCallArguments = new VarCharVector("arguments", allocator);
    vectors =
        List.of(
            response,
            reasoning,
            finishReason,
            errorCode,
            errorMessage,
            inputTokens,
            outputTokens,
            reasoningTokens,
            cachedTokens,
            salvaged,
            toolCallEnd,
            toolCallId,
            toolCallName,
            toolCallArguments);
    promptTokens = new TokenVector("prompt_tokens", allocator);
    completionTokens = new TokenVector("completion_tokens", allocator);
  }

  /**
   * Appends one row's completion.
   *
   * @param prompt the row's prompt ids where they are to be returned, else empty
   */
  public void append(GenerationResult result, int[] prompt) {
    set(response, rows, result.response());
    set(reasoning, rows, result.reasoning());
    set(finishReason, rows, result.finishReason().wireName());
    set(errorCode, rows, result.error() == null ? null : result.error().code());
    set(errorMessage, rows, result.error() == null ? null : result.error().message());
    Usage usage = result.usage();
    inputTokens.setSafe(rows, usage.inputTokens());
    outputTokens.setSafe(rows, usage.outputTokens());
    reasoningTokens.setSafe(rows, usage.reasoningTokens());
    cachedTokens.setSafe(rows, usage.cachedTokens());
    salvaged.setSafe(rows, result.salvaged() ? 1 : 0);
    for (ToolCall call : result.toolCalls()) {
      set(toolCallId, toolCalls, call.id());
      set(toolCallName, toolCalls, call.name());
      set(toolCallArguments, toolCalls, call.arguments());
      toolCalls++;
    }
    toolCallEnd.setSafe(rows, toolCalls);
    promptTokens.append(prompt);
    completionTokens.append(result.tokens());
    rows++;
  }

  /** The number of rows. */
  public int rows() {
    return rows;
  }

  public String response(int row) {
    return text(response, row);
  }

  public String reasoning(int row) {
    return text(reasoning, row);
  }

  public String finishReason(int row) {
    return text(finishReason, row);
  }

  public String errorCode(int row) {
    return text(errorCode, row);
  }

  public String errorMessage(int row) {
    return text(errorMessage, row);
  }

  public Usage usage(int row) {
    return new Usage(
        inputTokens.get(row),
        outputTokens.get(row),
        reasoningTokens.get(row),
        cachedTokens.get(row));
  }

  public boolean salvaged(int row) {
    return salvaged.get(row) == 1;
  }

  public List<ToolCall> toolCalls(int row) {
    int from = row == 0 ? 0 : toolCallEnd.get(row - 1);
    return IntStream.range(from, toolCallEnd.get(row))
        .mapToObj(
            i ->
                new ToolCall(
                    text(toolCallId, i), text(toolCallName, i), text(toolCallArguments, i)))
        .toList();
  }

  /** A view, valid until the next append, clear or close. */
  public IntBuffer promptTokens(int row) {
    return promptTokens.row(row);
  }

  /** A view, valid until the next append, clear or close. */
  public IntBuffer completionTokens(int row) {
    return completionTokens.row(row);
  }

  /** Drops the rows and keeps the memory. */
  public void clear() {
    vectors.forEach(ValueVector::reset);
    promptTokens.clear();
    completionTokens.clear();
    rows = 0;
    toolCalls = 0;
  }

  @Override
  public void close() {
    vectors.forEach(ValueVector::close);
    promptTokens.close();
    completionTokens.close();
    rows = 0;
    toolCalls = 0;
  }

  private static void set(VarCharVector vector, int row, String text) {
    if (text == null) {
      vector.setNull(row);
    } else {
      vector.setSafe(row, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String text(VarCharVector vector, int row) {
    return vector.isNull(row) ? null : new String(vector.get(row), StandardCharsets.UTF_8);
  }
}
