package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.GenerationRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;

/** Makes the keys of one task's requests. Belongs to one thread. */
final class CompletionKeys {
  /** Changes with what is hashed, so that keys kept by another version match nothing. */
  private static final String FORM = "gptoss completion key 2";

  private static final int CHUNK_BYTES = 1 << 12;

  private final MessageDigest sha256;
  private final byte[] model;
  private final int maxModelLen;

  /** In the order of Arrow's memory, so that token ids are copied as they lie there. */
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * @param model as the option names it: checkpoints that differ in their weights alone may have
   *     one fingerprint
   * @param backend the option; backends round differently
   */
  CompletionKeys(String model, String backend, EngineInfo info) {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    text(FORM);
    text(model);
    text(info.fingerprint());
    text(backend);
    flush();
    this.model = sha256.digest();
    maxModelLen = info.maxModelLen();
  }

  CompletionKey of(GenerationRequest request) {
    sha256.update(model);
    IntBuffer prompt = request.prompt();
    number(prompt.remaining());
    // The context cuts a budget short, which is the same as a smaller budget.
    number(Math.min(request.maxTokens(), maxModelLen - prompt.remaining()));
    tokens(prompt);
    number(request.isHarmony() ? 1 : 0);
    number(request.maxReasoningTokens());
    choice(request);
    number(request.ignoreEos() ? 1 : 0);
    number(request.loopDetectionTokens());
    number(request.logprobs());
    number(request.stop().size());
    request.stop().forEach(this::text);
    flush();
    return CompletionKey.read(ByteBuffer.wrap(sha256.digest()));
  }

  private void tokens(IntBuffer ids) {
    flush();
    for (int from = ids.position(); from < ids.limit(); from += CHUNK_BYTES / Integer.BYTES) {
      int count = Math.min(CHUNK_BYTES / Integer.BYTES, ids.limit() - from);
      chunk.asIntBuffer().put(ids.slice(from, count));
      chunk.position(count * Integer.BYTES);
      flush();
    }
  }

  private void choice(GenerationRequest request) {
    real(request.temperature());
    if (request.temperature() > 0) {
      // The likeliest token is the same whatever is drawn with, and whatever is cut off below it.
      number(request.seed());
      real(request.topP());
      number(Math.max(0, request.topK()));
      real(request.minP());
    }
    real(request.repetitionPenalty());
    real(request.presencePenalty());
    real(request.frequencyPenalty());
    Map<Integer, Float> bias = request.logitBias();
    number(bias.size());
    bias.forEach(
        (token, logit) -> {
          number(token);
          real(logit);
        });
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(bytes.length);
    flush();
    sha256.update(bytes);
  }

  private void real(double value) {
    // Adding zero makes one of the two zeros.
    number(Double.doubleToLongBits(value + 0.0));
  }

  private void number(long value) {
    if (chunk.remaining() < Long.BYTES) {
      flush();
    }
    chunk.putLong(value);
  }

  private void flush() {
    sha256.update(chunk.flip());
    chunk.clear();
  }
}
