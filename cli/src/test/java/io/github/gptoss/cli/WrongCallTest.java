package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be done ends with status 2 and one line on standard error, before any work. */
class WrongCallTest {
  private static void assertRefused(Cli.Result result, String... parts) {
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).endsWith("\n").hasLineCount(1).contains(parts);
    assertThat(result.status()).isEqualTo(2);
  }

  private static Cli.Result call(String line) {
    return Cli.run("{\"tokens\": [1]}\n", line.replace("TINY", Cli.TINY).split(" ", -1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          generate hello --modle demo                        | did you mean --model?
          generate hello                                     | no model is set
          inspect                                            | no model is set
          tokinize a                                         | did you mean tokenize?
          generate --model TINY --backend gpu a              | unknown backend 'gpu'
          generate --model TINY --backend cuda --device 77 a | cuda
          bench --model TINY --backend cuda --device 77      | cuda
          generate --model /no/such/folder a                 | /no/such/folder
          inspect --model /no/such/folder                    | /no/such/folder
          inspect --model s3://bucket/model                  | s3://bucket/model
          generate --model TINY --threads many a             | --threads
          generate --model TINY --threads -1 a               | threads is -1
          generate --model TINY --block-size 3 a             | power of two
          generate --model TINY --max-model-len 100000000 a  | context
          generate --model TINY --kv-cache-bytes 8x a        | '8x' is not a number of bytes
          generate --model TINY --kv-cache-bytes 1k a        | kv_cache_bytes
          generate --model TINY --temperature NaN a          | temperature is NaN
          generate --model TINY --temperature -1 --jsonl     | temperature is -1
          generate --model TINY --top-p 1.5 a                | top_p is 1.5
          generate --model TINY --max-tokens 0 a             | max_tokens is 0
          generate --model TINY --max-tokens -3 --jsonl      | max_tokens is -3
          generate --model TINY --reasoning-effort huge a    | reasoning_effort
          generate --model TINY --tools { a                  | --tools is not valid JSON
          generate --model TINY --jsonl a                    | give no prompt beside it
          generate --model TINY --logit-bias x=1 a           | logit_bias
          generate --model TINY hello                        | o200k_harmony
          logits --model TINY                                | --output
          logits --model TINY --output /no/such/f            | folder does not exist
          logits --model TINY --output src                  | it is a folder
          hidden --model TINY --output target/x --last -1      | --last is -1
          bench --model TINY --batch 0                       | --batch is 0
          bench --model TINY --output 1                      | --output is 1
          detokenize x                                       | is no ID
          detokenize 201088                                  | outside the vocabulary
          """)
  void isRefusedInOneLine(String arguments, String part) {
    assertRefused(call(arguments), part);
  }

  @Test
  void neverEchoesAPromptThatStandsInTheWrongPlace() {
    String secret = "my secret";
    Cli.Result mistyped = Cli.run("", "generat", secret);
    assertRefused(mistyped, "unknown command generat, did you mean generate?");
    Cli.Result option = Cli.run("", "generate", "--promt=" + secret, secret);
    assertRefused(option, "unknown option --promt");
    for (Cli.Result result :
        new Cli.Result[] {
          mistyped,
          option,
          Cli.run("", secret, secret),
          Cli.run("", "generate", "-" + secret),
          Cli.run("", "inspect", secret, secret)
        }) {
      assertRefused(result, "; see gptoss");
      assertThat(result.err()).doesNotContain("secret");
    }
  }

  @Test
  void withoutACommandNamesThem() {
    assertRefused(Cli.run(""), "generate", "bench");
  }

  @Test
  void refusesAnEmptyFolder(@TempDir Path folder) {
    assertRefused(Cli.run("", "inspect", "--model", folder.toString()), folder.toString());
  }

  @Test
  void refusesGguf(@TempDir Path folder) throws IOException {
    Files.write(folder.resolve("model.gguf"), "GGUF\3\0\0\0".getBytes(StandardCharsets.US_ASCII));
    assertRefused(Cli.run("", "inspect", "--model", folder.toString()), "GGUF");
  }

  @Test
  void refusesALlamaModel(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        "{\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"llama\"}");
    Files.copy(Path.of(Cli.TINY, "model.safetensors"), folder.resolve("model.safetensors"));
    for (String command : new String[] {"inspect", "bench"}) {
      assertRefused(Cli.run("", command, "--model", folder.toString()), "llama");
    }
  }

  @Test
  void refusesATruncatedCheckpoint(@TempDir Path folder) throws IOException {
    Files.copy(Path.of(Cli.TINY, "config.json"), folder.resolve("config.json"));
    byte[] bytes = Files.readAllBytes(Path.of(Cli.TINY, "model.safetensors"));
    Files.write(folder.resolve("model.safetensors"), Arrays.copyOf(bytes, bytes.length - 1));
    assertRefused(
        Cli.run("", "inspect", "--json", "--model", folder.toString()), "model.safetensors");
  }

  @Test
  void showsWhereAnErrorAroseOnlyOnRequest() {
    Cli.Result result = Cli.run("", "inspect", "--model", "/no/such/folder", "--stacktrace");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("InvalidModelException").contains("\tat ");
  }

  @Test
  void aFaultOfOursIsStatusOneAndOneLine() {
    var input =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("device\nfailed");
          }

          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            return read();
          }
        };
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    assertThat(Cli.run(input, out, err, false, "tokenize", "--jsonl")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .hasLineCount(1)
        .contains("device failed", "--stacktrace");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate",
        "logits",
        "hidden",
        "distribution",
        "tokenize",
        "detokenize",
        "render",
        "parse",
        "inspect",
        "bench"
      })
  void everyCommandHasHelpVersionAndTheCommonOptions(String command) {
    Cli.Result help = Cli.run("", command, "--help");
    assertThat(help.status()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(help.out())
        .startsWith("Usage: gptoss " + command)
        .contains("--model", "--backend", "--threads", "--seed", "--stacktrace");
    Cli.Result version = Cli.run("", command, "--version");
    assertThat(version.status()).isZero();
    assertThat(version.out()).startsWith("gptoss ");
  }
}
