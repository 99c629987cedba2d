package io.github.gptoss.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplingGoldenTest {
  private static final Sampler.Workspace WORKSPACE = new Sampler.Workspace();

  static List<String> lines() throws IOException, URISyntaxException {
    return Files.readAllLines(
        Path.of(SamplingGoldenTest.class.getResource("/goldens/sampling.jsonl").toURI()));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void distributionEqualsTheReference(String line) throws IOException {
    JsonNode node = new ObjectMapper().readTree(line);
    float[] logits = floats(node.get("logits"));
    TokenHistory history = new TokenHistory(logits.length);
    for (JsonNode token : node.get("prompt")) {
      history.addPrompt(new int[] {token.intValue()});
    }
    for (JsonNode token : node.get("output")) {
      history.addOutput(token.intValue());
    }
    double[] probs = new double[logits.length];
    Sampler.distribution(
        logits, 0, logits.length, params(node.get("params")), history, probs, WORKSPACE);

    for (int i = 0; i < probs.length; i++) {
      double expected = node.get("probs").get(i).doubleValue();
      assertThat(probs[i]).as("token %d", i).isCloseTo(expected, within(1e-6));
      if (expected == 0 || expected > 1e-40) {
        assertThat(probs[i] > 0).as("token %d kept", i).isEqualTo(expected > 0);
      }
    }
  }

  private static SamplingParams params(JsonNode node) {
    Map<Integer, Double> bias = new TreeMap<>();
    node.path("logit_bias")
        .fields()
        .forEachRemaining(e -> bias.put(Integer.valueOf(e.getKey()), e.getValue().doubleValue()));
    return SamplingParams.builder()
        .repetitionPenalty(node.path("repetition_penalty").asDouble(1))
        .presencePenalty(node.path("presence_penalty").asDouble(0))
        .frequencyPenalty(node.path("frequency_penalty").asDouble(0))
        .logitBias(LogitBias.of(bias))
        .temperature(node.path("temperature").asDouble(1))
        .minP(node.path("min_p").asDouble(0))
        .topK(node.path("top_k").asInt(0))
        .topP(node.path("top_p").asDouble(1))
        .build();
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).floatValue();
    }
    return values;
  }
}
