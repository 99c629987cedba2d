package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code logits} and {@code hidden}, by the files that they write. */
class ProbeCommandTest {
  private static final double TOLERANCE = 2e-4;

  @TempDir private Path folder;

  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
  private record Tensor(List<Integer> shape, float[] values) {}

  /** Reads safetensors and checks that it is well-formed: contiguous, aligned, nothing left. */
  private static Map<String, Tensor> read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int start = Math.toIntExact(8 + bytes.getLong(0));
    assertThat(start % 8).isZero();
    JsonNode header = Cli.json(new String(bytes.array(), 8, start - 8, StandardCharsets.UTF_8));
    Map<String, Tensor> tensors = new HashMap<>();
    int end = 0;
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      if (entry.getKey().equals("__metadata__")) {
        continue;
      }
      JsonNode json = entry.getValue();
      assertThat(json.get("dtype").textValue()).isEqualTo("F32");
      List<Integer> shape = new ArrayList<>();
      int elements = 1;
      for (JsonNode size : json.get("shape")) {
        shape.add(size.intValue());
        elements *= size.intValue();
      }
      int from = json.get("data_offsets").get(0).intValue();
      assertThat(json.get("data_offsets").get(1).intValue() - from).isEqualTo(4 * elements);
      end = Math.max(end, from + 4 * elements);
      float[] values = new float[elements];
      bytes
          .slice(start + from, 4 * elements)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values);
      tensors.put(entry.getKey(), new Tensor(shape, values));
    }
    assertThat(bytes.capacity()).isEqualTo(start + end);
    return tensors;
  }

  /** The values of one tensor of a well-formed file. */
  static float[] values(Path file, String tensor) throws IOException {
    return read(file).get(tensor).values();
  }

  private static void assertClose(float[] actual, float[] expected, int from) {
    double scale = 0;
    double worst = 0;
    for (int i = 0; i < actual.length; i++) {
      scale = Math.max(scale, Math.abs(expected[from + i]));
      double difference = Math.abs(actual[i] - expected[from + i]);
      assertThat(difference).isNotNaN();
      worst = Math.max(worst, difference);
    }
    assertThat(worst / scale).isLessThan(TOLERANCE);
  }

  private Cli.Result run(String model, String input, String command, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                command,
                "--jsonl",
                "--model",
                Cli.GOLDENS.resolve("model").resolve(model).toString(),
                "--output",
                folder.resolve("out.safetensors").toString()));
    args.addAll(List.of(more));
    return Cli.run(input, args.toArray(String[]::new));
  }

  private static String line(JsonNode prompt) {
    return "{\"tokens\": " + prompt.get("prompt") + "}\n";
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-mxfp4", "odd-mxfp4-sharded"})
  void linesBecomeTensorsByTheirNumbers(String model) throws IOException {
    Path reference = Cli.GOLDENS.resolve("model").resolve(model);
    JsonNode prompts =
        Cli.json(Files.readString(reference.resolve("expected.json"))).get("prompts");
    Map<String, Tensor> expected = read(reference.resolve("expected.safetensors"));
    String input = line(prompts.get(1)) + "{\"tokens\": [1, -1]}\nno json\n" + line(prompts.get(2));
    for (String command : List.of("logits", "hidden")) {
      Cli.Result result = run(model, input, command);
      assertThat(result.err()).isEmpty();
      assertThat(result.status()).isZero();
      List<JsonNode> lines = result.lines();
      assertThat(lines).hasSize(4);
      assertThat(lines.get(0).toString())
          .isEqualTo("{\"prompt\":0,\"rows\":" + prompts.get(1).get("prompt").size() + "}");
      assertThat(lines.get(1).get("error").get("code").textValue()).isEqualTo("invalid_token");
      assertThat(lines.get(2).get("error").get("code").textValue()).isEqualTo("invalid_json");
      Map<String, Tensor> actual = read(folder.resolve("out.safetensors"));
      assertThat(actual).containsOnlyKeys("prompt0." + command, "prompt3." + command);
      for (int[] pair : new int[][] {{0, 1}, {3, 2}}) {
        Tensor tensor = actual.get("prompt" + pair[0] + "." + command);
        Tensor wanted = expected.get("prompt" + pair[1] + "." + command);
        assertThat(tensor.shape()).isEqualTo(wanted.shape());
        assertClose(tensor.values(), wanted.values(), 0);
      }
    }
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void lastKeepsTheLastRows() throws IOException {
    Path reference = Path.of(Cli.TINY);
    JsonNode prompt =
        Cli.json(Files.readString(reference.resolve("expected.json"))).get("prompts").get(3);
    int tokens = prompt.get("prompt").size();
    Map<String, Tensor> expected = read(reference.resolve("expected.safetensors"));

    run("tiny-mxfp4", line(prompt) + "{\"tokens\": [5]}\n", "logits", "--last", "3");
    Map<String, Tensor> logits = read(folder.resolve("out.safetensors"));
    Tensor all = expected.get("prompt3.logits");
    int vocab = all.shape().get(1);
    assertThat(logits.get("prompt0.logits").shape()).containsExactly(3, vocab);
    assertThat(logits.get("prompt1.logits").shape()).containsExactly(1, vocab);
    assertClose(logits.get("prompt0.logits").values(), all.values(), (tokens - 3) * vocab);

    run("tiny-mxfp4", line(prompt), "hidden", "--last", "3");
    Tensor hidden = read(folder.resolve("out.safetensors")).get("prompt0.hidden");
    Tensor allHidden = expected.get("prompt3.hidden");
    int width = allHidden.shape().get(2);
    assertThat(hidden.shape()).containsExactly(allHidden.shape().get(0), 3, width);
    for (int layer = 0; layer < hidden.shape().get(0); layer++) {
      float[] rows =
          Arrays.copyOfRange(hidden.values(), layer * 3 * width, (layer + 1) * 3 * width);
      assertClose(rows, allHidden.values(), (layer * tokens + tokens - 3) * width);
    }
  }

  @Test
  void isAnEmptyFileWhereNoLineIsGood() throws IOException {
    Cli.Result result = run("tiny-mxfp4", "{\"tokens\": []}\n{\"tokens\": [512]}\n", "logits");
    assertThat(result.status()).isZero();
    assertThat(result.lines()).allMatch(line -> line.has("error"));
    assertThat(read(folder.resolve("out.safetensors"))).isEmpty();
  }

  @Test
  void refusesAPromptBeyondTheContext() throws IOException {
    Cli.Result result =
        run("tiny-mxfp4", "{\"tokens\": [1, 2, 3, 4]}\n", "logits", "--max-model-len", "4");
    assertThat(result.lines().get(0).get("error").get("code").textValue())
        .isEqualTo("context_length_exceeded");
  }
}
