package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.constraint.ChoiceProbabilities;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.sampling.LogitBias;
import io.github.gptoss.engine.sampling.SamplingParameter;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;

/** Makes the keys of one task's requests. Belongs to one thread. */
public final class CompletionKeys {
  /**
   * Changes with what is hashed, and with a version that generates other tokens for an equal
   * request: by a kernel that rounds otherwise, another way to draw or to stop, or another reading
   * of the options. Keys kept by another version then match nothing. A change of how prompts are
   * rendered shows in their ids, which are hashed. The connector's version is not hashed: most
   * versions change no token, and each would begin every cache anew.
   */
  private static final String FORM = "gptoss completion key 2";

  /** The likeliest token is the same whatever is drawn with, and whatever is cut off below it. */
  private static final Set<SamplingParameter> OF_DRAWING =
      EnumSet.of(
          SamplingParameter.SEED,
          SamplingParameter.TOP_P,
          SamplingParameter.TOP_K,
          SamplingParameter.MIN_P);

  private static final int CHUNK_BYTES = 1 << 12;

  private final MessageDigest sha256 = DigestUtils.getSha256Digest();
  private final byte[] model;
  private final int maxModelLen;
  private final Map<String, String> adapters;

  /** In the order of Arrow's memory, so that token ids are copied as they lie there. */
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * @param model as the option names it: checkpoints that differ in their weights alone may have
   *     one fingerprint
   * @param backend the option; backends round differently
   */
  public CompletionKeys(String model, String backend, EngineInfo info) {
    text(FORM);
    text(model);
    text(info.fingerprint());
    text(backend);
    flush();
    this.model = sha256.digest();
    maxModelLen = info.maxModelLen();
    adapters = info.adapters();
  }

  public CompletionKey of(GenerationRequest request) {
    sha256.update(model);
    IntBuffer prompt = request.prompt();
    number(prompt.remaining());
    // The context cuts a budget short, which is the same as a smaller budget.
    number(Math.min(request.maxTokens(), maxModelLen - prompt.remaining()));
    tokens(prompt);
    number(request.isHarmony() ? 1 : 0);
    number(request.maxReasoningTokens());
    choice(request.sampling());
    number(request.ignoreEos() ? 1 : 0);
    number(request.loopDetectionTokens());
    number(request.sampling().logprobs());
    number(request.stop().size());
    request.stop().forEach(this::text);
    if (!asksNothing(request.turn())) {
      turn(request.turn());
    }
    if (request.lora() != null) {
      // Keys without an adapter are those of versions that knew none. The content counts, whatever
      // its name; a name without content is an error that nothing keeps.
      text("lora");
      text(adapters.getOrDefault(request.lora(), request.lora()));
    }
    flush();
    return CompletionKey.read(ByteBuffer.wrap(sha256.digest()));
  }

  private static boolean asksNothing(TurnSpec turn) {
    return !turn.isConstrained() && turn.probabilities().equals(ChoiceProbabilities.NONE);
  }

  /** Keys of requests without a form are those of versions that knew none. */
  private void turn(TurnSpec turn) {
    form(turn.answer());
    number(turn.functions().size());
    for (TurnSpec.Function function : turn.functions()) {
      text(function.recipient());
      form(function.arguments());
    }
    probabilities(turn.probabilities());
  }

  private void probabilities(ChoiceProbabilities wanted) {
    number(wanted.areWanted() ? 1 : 0);
    real(wanted.cutOff());
    number(wanted.paths().size());
    wanted.paths().forEach(this::text);
  }

  private void form(ConstraintSpec form) {
    number(form == null ? 0 : 1);
    if (form != null) {
      text(form.kind().name());
      text(form.definition());
      number(form.allowsSpaces() ? 1 : 0);
    }
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

  /** The parameters are hashed in their order; the count of log-probabilities has its own place. */
  private void choice(SamplingParams params) {
    for (SamplingParameter parameter : SamplingParameter.values()) {
      boolean counts = params.temperature() > 0 || !OF_DRAWING.contains(parameter);
      if (counts && parameter != SamplingParameter.LOGPROBS) {
        Number value = parameter.of(params);
        switch (parameter.type()) {
          case NUMBER -> real(value.doubleValue());
          // All that means off is one.
          case INTEGER -> number(Math.max(0, value.intValue()));
          case LONG -> number(value.longValue());
        }
      }
    }
    LogitBias bias = params.logitBias();
    number(bias.size());
    bias.values()
        .forEach(
            (id, value) -> {
              number(id);
              real(value);
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
