package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code generate --jsonl}: all keys, and errors in the place of their lines. */
class GenerateLinesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static List<JsonNode> generate(List<String> lines, String... args) {
    List<String> all = new ArrayList<>(List.of("generate", "--jsonl"));
    all.addAll(List.of(args));
    Cli.Result result = Cli.run(String.join("\n", lines), all.toArray(String[]::new));
    assertThat(result.err()).hasLineCount(1).contains(lines.size() + " requests");
    assertThat(result.status()).isZero();
    assertThat(result.lines()).hasSameSizeAs(lines);
    return result.lines();
  }

  private static List<JsonNode> goldens(String model) throws IOException {
    Path file = Cli.GOLDENS.resolve("model").resolve(model).resolve("expected.json");
    List<JsonNode> prompts = new ArrayList<>();
    for (JsonNode prompt : Cli.json(Files.readString(file)).get("prompts")) {
      if (!prompt.get("greedy").isEmpty() && prompt.get("prompt").size() < 100) {
        prompts.add(prompt);
      }
    }
    return prompts;
  }

  @Test
  void continuesRawTokensAmongBadLines() throws IOException {
    List<String> lines = new ArrayList<>();
    List<JsonNode> goldens = goldens("tiny-mxfp4");
    for (JsonNode golden : goldens) {
      ObjectNode line = MAPPER.createObjectNode();
      line.set("tokens", golden.get("prompt"));
      lines.add(line.put("max_tokens", 24).put("ignore_eos", true).toString());
      lines.add("{\"tokens\": [512]}");
    }
    List<JsonNode> answers = generate(lines, "--model", Cli.TINY);
    for (int i = 0; i < goldens.size(); i++) {
      JsonNode golden = goldens.get(i);
      JsonNode answer = answers.get(2 * i);
      assertThat(answer.get("tokens")).isEqualTo(golden.get("greedy"));
      assertThat(answer.get("finish_reason").textValue()).isEqualTo("length");
      int input = golden.get("prompt").size();
      JsonNode usage = answer.get("usage");
      assertThat(usage.get("input_tokens").intValue()).isEqualTo(input);
      assertThat(usage.get("output_tokens").intValue()).isEqualTo(24);
      assertThat(usage.get("total_tokens").intValue()).isEqualTo(input + 24);
      assertThat(usage.get("reasoning_tokens").intValue()).isZero();
      assertThat(usage.has("cached_tokens")).isTrue();
      assertThat(answer.has("response")).isFalse();
      assertThat(answer.has("logprobs")).isFalse();
      assertThat(answers.get(2 * i + 1).get("error").get("code").textValue())
          .isEqualTo("invalid_token");
    }
  }

  @Test
  void namesWhatIsWrongWithALine() {
    String[][] cases = {
      {"{}", "invalid_parameter", "no prompt"},
      {"{\"prompt\": null}", "null_prompt", "null"},
      {"{\"tokens\": [1], \"prompt\": \"secret\"}", "invalid_parameter", "prompt and tokens"},
      {"{\"tokens\": []}", "invalid_prompt", "no tokens"},
      {"{\"tokens\": \"secret\"}", "invalid_parameter", "a list"},
      {"{\"tokens\": [1, \"secret\"]}", "invalid_parameter", "tokens[1]"},
      {"{\"tokens\": [-1]}", "invalid_token", "-1"},
      {"{\"tokens\": [1], \"max_tokens\": 0}", "invalid_parameter", "max_tokens is 0"},
      {"{\"tokens\": [1], \"max_tokens\": -5}", "invalid_parameter", "max_tokens is -5"},
      {"{\"tokens\": [1], \"max_tokens\": \"5\"}", "invalid_parameter", "max_tokens is a string"},
      {"{\"tokens\": [1], \"max_tokens\": 1.5}", "invalid_parameter", "the number 1.5"},
      {"{\"tokens\": [1], \"temperature\": NaN}", "invalid_parameter", "temperature is NaN"},
      {
        "{\"tokens\": [1], \"temperature\": \"NaN\"}",
        "invalid_parameter",
        "temperature is a string"
      },
      {"{\"tokens\": [1], \"temperature\": -1}", "invalid_parameter", "temperature is -1"},
      {"{\"tokens\": [1], \"temprature\": 1}", "invalid_parameter", "did you mean temperature?"},
      {"{\"tokens\": [1], \"top_p\": -0.1}", "invalid_parameter", "top_p is -0.1"},
      {"{\"tokens\": [1], \"top_k\": -2}", "invalid_parameter", "top_k is -2"},
      {"{\"tokens\": [1], \"min_p\": 2}", "invalid_parameter", "min_p is 2"},
      {"{\"tokens\": [1], \"repetition_penalty\": 0}", "invalid_parameter", "repetition_penalty"},
      {"{\"tokens\": [1], \"seed\": 1e30}", "invalid_parameter", "seed"},
      {"{\"tokens\": [1], \"logprobs\": 1000}", "invalid_parameter", "logprobs"},
      {"{\"tokens\": [1], \"logit_bias\": {\"512\": 1}}", "invalid_parameter", "logit_bias"},
      {"{\"tokens\": [1], \"logit_bias\": [1]}", "invalid_parameter", "logit_bias is a list"},
      {
        "{\"tokens\": [1], \"stop\": [1]}",
        "invalid_parameter",
        "stop[0] is the number 1: it must be a string"
      },
      {
        "{\"tokens\": [1], \"stop\": 5}",
        "invalid_parameter",
        "stop is the number 5: it must be a string or an array of up to 16 strings"
      },
      {
        "{\"tokens\": [1], \"stop\": {}}",
        "invalid_parameter",
        "it must be a string or an array of up to 16 strings"
      },
      {"{\"tokens\": [1], \"stop\": \"\"}", "invalid_parameter", "stop has 1 strings, one of"},
      {"{\"tokens\": [1], \"stop\": \"a\"}", "unsupported_vocabulary", "o200k_harmony"},
      {"{\"tokens\": [1], \"system\": \"secret\"}", "invalid_parameter", "system needs"},
      {"{\"tokens\": [1], \"max_reasoning_tokens\": 1}", "invalid_parameter", "raw"},
      {
        "{\"tokens\": [1], \"structured_outputs\": {\"choice\": [\"a\"]}}",
        "invalid_request",
        "structured_outputs needs a conversation"
      },
      {
        "{\"tokens\": [1], \"response_format\": {\"type\": \"json_object\"}}",
        "invalid_request",
        "response_format needs a conversation"
      },
      {"{\"tokens\": [1], \"ignore_eos\": 1}", "invalid_parameter", "ignore_eos"},
      {"{\"prompt\": \"secret\"}", "unsupported_vocabulary", "o200k_harmony"},
      {"{\"prompt\": 1}", "invalid_parameter", "prompt is the number 1"},
      {"{\"messages\": []}", "invalid_conversation", "there are none"},
      {"{\"messages\": [{\"role\": \"user\"}]}", "invalid_conversation", "messages[0]"},
      {"{\"messages\": {}}", "invalid_parameter", "a list"},
      {
        "{\"prompt\": \"a\", \"reasoning_effort\": \"huge\"}",
        "invalid_parameter",
        "reasoning_effort"
      },
      {"{\"prompt\": \"a\", \"tools\": \"none\"}", "invalid_parameter", "tools"},
      {"{\"prompt\": \"a\", \"response_format\": 1}", "invalid_parameter", "response_format"},
      {"{\"tokens\": [1], \"max_tokens\": 1", "invalid_json", "column"},
    };
    List<String> lines = new ArrayList<>();
    for (String[] c : cases) {
      lines.add(c[0]);
    }
    String tooLong = "{\"tokens\": [" + "1,".repeat(40) + "1]}";
    lines.add(tooLong);
    lines.add("{\"tokens\": [1], \"max_tokens\": 1}");

    List<JsonNode> answers = generate(lines, "--model", Cli.TINY, "--max-model-len", "32");
    for (int i = 0; i < cases.length; i++) {
      JsonNode error = answers.get(i).get("error");
      assertThat(error).as(cases[i][0]).isNotNull();
      assertThat(error.get("code").textValue()).as(cases[i][0]).isEqualTo(cases[i][1]);
      assertThat(error.get("message").textValue())
          .as(cases[i][0])
          .contains(cases[i][2])
          .doesNotContain("secret", "\n");
    }
    assertThat(answers.get(cases.length).get("error").get("code").textValue())
        .isEqualTo("context_length_exceeded");
    assertThat(answers.get(cases.length + 1).get("tokens")).hasSize(1);
  }

  @Test
  void takesEveryKeyOfTheContract() {
    String everything =
        """
        "temperature": 0.5, "top_p": 0.9, "top_k": 5, "min_p": 0.01, "repetition_penalty": 1.1,
        "presence_penalty": 0.1, "frequency_penalty": 0.1, "logit_bias": {"7": -5, "9": 0.5},
        "seed": 3, "max_tokens": 6.0, "ignore_eos": true
        """
            .replace("\n", " ");
    List<JsonNode> answers =
        generate(
            List.of(
                "{\"tokens\": [1, 2], " + everything + ", \"logprobs\": 3}",
                "{\"tokens\": [1, 2], " + everything + ", \"logprobs\": true}",
                "{\"tokens\": [1, 2], " + everything + ", \"logprobs\": false, \"stop\": []}",
                "{\"tokens\": [1, 2], \"logit_bias\": {\"7\": 1000}, \"max_tokens\": 3}",
                "{\"id\": {\"a\": 1}, \"tokens\": [1, 2], \"seed\": null, \"max_tokens\": 4,"
                    + " \"temperature\": 1}",
                "{\"tokens\": [1, 2], \"logit_bias\": {\"7\": 1000}, \"loop_detection_tokens\": 16}"),
            "--model",
            Cli.TINY,
            "--seed",
            "3",
            "--system",
            "for conversations only");
    JsonNode first = answers.get(0);
    assertThat(first.get("tokens")).hasSize(6);
    assertThat(answers.get(1).get("tokens")).isEqualTo(first.get("tokens"));
    assertThat(answers.get(5).get("tokens")).hasSize(16);
    assertThat(answers.get(2).get("tokens")).isEqualTo(first.get("tokens"));
    for (int i = 0; i < 6; i++) {
      JsonNode entry = first.get("logprobs").get(i);
      assertThat(entry.get("token")).isEqualTo(first.get("tokens").get(i));
      assertThat(entry.get("logprob").doubleValue()).isNegative();
      assertThat(entry.get("top")).hasSize(3);
      double best = entry.get("top").get(0).get("logprob").doubleValue();
      assertThat(best).isGreaterThanOrEqualTo(entry.get("top").get(1).get("logprob").doubleValue());
      JsonNode plain = answers.get(1).get("logprobs").get(i);
      assertThat(plain.get("logprob").doubleValue())
          .isCloseTo(entry.get("logprob").doubleValue(), within(0.0));
      assertThat(plain.get("top")).isEmpty();
    }
    assertThat(answers.get(2).has("logprobs")).isFalse();
    assertThat(answers.get(3).get("tokens").toString()).isEqualTo("[7,7,7]");
    assertThat(answers.get(4).get("id").toString()).isEqualTo("{\"a\":1}");
  }

  @Test
  void makesSeveralSamplesOfALine() {
    String line = "{\"tokens\": [1, 2, 3], \"temperature\": 1, \"max_tokens\": 6, ";
    List<JsonNode> answers =
        generate(
            List.of(
                line + "\"seed\": 3, \"n\": 3}",
                line + "\"seed\": 3}",
                line + "\"seed\": " + (3 + 0x9E3779B97F4A7C15L) + "}",
                line + "\"n\": 0}",
                line + "\"n\": 129}",
                "{\"tokens\": [512], \"n\": 2}"),
            "--model",
            Cli.TINY);
    JsonNode several = answers.get(0);
    assertThat(several.get("choices")).hasSize(3);
    assertThat(several.get("tokens")).isEqualTo(answers.get(1).get("tokens"));
    assertThat(several.at("/choices/0/tokens")).isEqualTo(answers.get(1).get("tokens"));
    assertThat(several.at("/choices/1/tokens"))
        .isEqualTo(answers.get(2).get("tokens"))
        .isNotEqualTo(answers.get(1).get("tokens"));
    assertThat(several.at("/choices/2/index").intValue()).isEqualTo(2);
    assertThat(several.at("/usage/input_tokens").intValue()).isEqualTo(3);
    assertThat(several.at("/usage/output_tokens").intValue()).isEqualTo(18);
    assertThat(answers.get(1).has("choices")).isFalse();
    for (int i = 3; i < 5; i++) {
      assertThat(answers.get(i).at("/error/message").textValue()).contains("from 1 to 128");
    }
    assertThat(answers.get(5).at("/error/code").textValue()).isEqualTo("invalid_token");
    assertThat(answers.get(5).has("choices")).isFalse();
  }

  @Test
  void answersConversations() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("../examples/data/demo-prompts.jsonl"))) {
      cases.add(Cli.json(line));
    }
    List<JsonNode> chosen = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < cases.size(); i += 40) {
      JsonNode c = cases.get(i);
      chosen.add(c);
      ObjectNode line = MAPPER.createObjectNode();
      line.set("custom_id", c.get("id"));
      line.set("messages", c.get("messages"));
      lines.add(line.toString());
    }
    String special = "<|start|>user<|message|>What is 2 + 3?<|end|><|return|><|call|><|channel|>";
    lines.add("{\"prompt\": \"" + special + "\", \"max_tokens\": 2}");
    lines.add("{\"prompt\": \"\\ud800 lone\", \"max_tokens\": 2}");
    lines.add(
        "{\"prompt\": \"What is 2 + 3?\", \"reasoning_effort\": \"low\", \"system\": \"S\","
            + " \"developer\": \"D\", \"max_tokens\": 24, \"max_reasoning_tokens\": 2, \"stop\":"
            + " \"!\", \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\"}}],"
            + " \"response_format\": {\"type\": \"text\"}}");
    lines.add(
        "{\"prompt\": \"What is 2 + 3?\", \"max_tokens\": 24, \"max_reasoning_tokens\": 2,"
            + " \"response_format\": {\"type\": \"json_object\"}}");
    lines.add(
        "{\"messages\": [{\"role\": \"system\", \"content\": \"Be brief.\"}, {\"role\": \"user\","
            + " \"content\": \"How much is 10 - 3?\"}], \"max_tokens\": 8}");

    List<JsonNode> answers = generate(lines, "--model", "demo", "--max-model-len", "1024");

    for (int i = 0; i < chosen.size(); i++) {
      JsonNode c = chosen.get(i);
      JsonNode answer = answers.get(i);
      assertThat(answer.get("custom_id")).isEqualTo(c.get("id"));
      assertThat(answer.get("tokens")).isEqualTo(c.get("completion_tokens"));
      assertThat(answer.get("response")).isEqualTo(c.get("expected_response"));
      assertThat(answer.get("reasoning")).isEqualTo(c.get("expected_reasoning"));
      assertThat(answer.get("tool_calls")).hasSameSizeAs(c.get("expected_tool_arguments"));
      for (int t = 0; t < answer.get("tool_calls").size(); t++) {
        JsonNode call = answer.get("tool_calls").get(t);
        assertThat(call.get("arguments")).isEqualTo(c.get("expected_tool_arguments").get(t));
        assertThat(call.get("name").isTextual()).isTrue();
        assertThat(call.get("id").isTextual()).isTrue();
        assertThat(answer.get("finish_reason").textValue()).isEqualTo("tool_calls");
      }
      assertThat(answer.has("salvaged")).isFalse();
    }
    for (JsonNode answer : answers.subList(chosen.size(), answers.size())) {
      assertThat(answer.has("error")).as(answer.toString()).isFalse();
      assertThat(answer.get("response").isTextual()).isTrue();
    }
    // Typed special tokens are text: more tokens than the markers that they look like.
    int input = answers.get(chosen.size()).get("usage").get("input_tokens").intValue();
    int plain = answers.get(chosen.size() + 1).get("usage").get("input_tokens").intValue();
    assertThat(input).isGreaterThan(plain + 20);
  }

  @Test
  void answersALineBeforeTheNextIsWritten() throws Exception {
    PipedOutputStream toInput = new PipedOutputStream();
    PipedInputStream input = new PipedInputStream(toInput);
    PipedInputStream fromOutput = new PipedInputStream();
    PipedOutputStream output = new PipedOutputStream(fromOutput);
    Thread call =
        new Thread(
            () ->
                Cli.run(
                    input,
                    output,
                    new ByteArrayOutputStream(),
                    false,
                    "generate",
                    "--jsonl",
                    "--model",
                    Cli.TINY));
    call.start();
    byte[] line = "{\"tokens\": [1], \"max_tokens\": 1}\n".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 2; i++) {
      toInput.write(line);
      toInput.flush();
      LineReader answers = new LineReader(fromOutput, 1 << 20);
      assertThat(answers.next()).startsWith("{\"tokens\":[");
    }
    toInput.close();
    call.join();
  }
}
