package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.sampling.Sampler;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenHistory;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
    name = "distribution",
    description = {
      "The distribution that a token is drawn from. Lines of {\"logits\", \"prompt\", \"output\","
          + " \"params\"} in, with prompt and output as token ids; lines of {\"probs\"} out."
    })
final class DistributionCommand extends JsonLinesCommand {
  /** The answer's keys are allowed, so that reference cases can be given as they are. */
  private static final List<String> KEYS =
      List.of("logits", "prompt", "output", "params", "name", "kept", "probs");

  /** More than twice the vocabulary, and what the sampler takes. */
  private static final int MAX_LOGITS = 1 << 19;

  private final Sampler.Workspace workspace = new Sampler.Workspace();

  @Override
  void run() {
    JsonLines.answerEach(console(), this::answer);
  }

  private ObjectNode answer(ObjectNode line) {
    Fields fields = Fields.line(line, KEYS);
    float[] logits = fields.requiredFloats("logits");
    if (logits.length == 0 || logits.length > MAX_LOGITS) {
      throw CliErrors.tooManyLogits(logits.length, MAX_LOGITS);
    }
    if (!Sampler.isUsable(logits, 0, logits.length)) {
      throw CliErrors.unusableLogits();
    }
    SamplingParams params =
        SamplingKeys.read(
            fields.inner("params", SamplingKeys.ALL), SamplingParams.builder().temperature(1));
    params.checkVocabulary(logits.length);
    double[] probs = new double[logits.length];
    TokenHistory history = history(fields, logits.length);
    Sampler.distribution(logits, 0, logits.length, params, history, probs, workspace);
    ObjectNode answer = Json.object();
    ArrayNode array = answer.putArray("probs");
    for (double prob : probs) {
      array.add(prob);
    }
    return answer;
  }

  private static TokenHistory history(Fields fields, int vocabSize) {
    TokenHistory history = new TokenHistory(vocabSize);
    int[] prompt = fields.integers("prompt");
    if (prompt != null) {
      history.addPrompt(prompt);
    }
    int[] output = fields.integers("output");
    if (output != null) {
      for (int token : output) {
        history.addOutput(token);
      }
    }
    return history;
  }
}
