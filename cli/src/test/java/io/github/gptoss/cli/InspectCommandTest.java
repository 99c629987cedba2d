package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectCommandTest {
  @ParameterizedTest
  @CsvSource({
    "tiny-mxfp4, hugging_face, mxfp4",
    "tiny-mxfp4/original, original, mxfp4",
    "odd-mxfp4-sharded, hugging_face_sharded, mxfp4",
    "tiny-bf16-experts, hugging_face, dense"
  })
  void showsLayoutTensorsAndConfiguration(String name, String layout, String experts)
      throws Exception {
    Path folder = Cli.GOLDENS.resolve("model").resolve(name);
    Cli.Result result = Cli.run("", "inspect", "--json", "--model", folder.toString());

    assertThat(result.err()).isEmpty();
    assertThat(result.status()).isZero();
    JsonNode json = result.lines().get(0);
    assertThat(json.get("layout").textValue()).isEqualTo(layout);
    assertThat(json.get("experts").textValue()).isEqualTo(experts);
    assertThat(json.get("warnings")).isEmpty();
    Path reference = folder.endsWith("original") ? folder.getParent() : folder;
    JsonNode expected = Cli.json(Files.readString(reference.resolve("config.json")));
    JsonNode actual = json.get("configuration");
    for (String key :
        new String[] {
          "vocab_size",
          "hidden_size",
          "intermediate_size",
          "num_hidden_layers",
          "num_attention_heads",
          "num_key_value_heads",
          "head_dim",
          "num_local_experts",
          "num_experts_per_tok",
          "sliding_window"
        }) {
      assertThat(actual.get(key).intValue()).as(key).isEqualTo(expected.get(key).intValue());
    }
    long elements = 0;
    for (JsonNode tensor : json.get("tensors")) {
      long count = 1;
      for (JsonNode size : tensor.get("shape")) {
        count *= size.longValue();
      }
      int width = tensor.get("dtype").textValue().equals("U8") ? 1 : 2;
      assertThat(tensor.get("bytes").longValue())
          .as(tensor.get("name").textValue())
          .isEqualTo(count * width);
      elements += count;
    }
    assertThat(elements).isPositive();

    String text = Cli.run("", "inspect", "--model", folder.toString()).out();
    json.get("tensors").forEach(t -> assertThat(text).contains(t.get("name").textValue()));
  }
}
