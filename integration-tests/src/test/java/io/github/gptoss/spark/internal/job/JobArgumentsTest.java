package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.options.OptionKey;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JobArgumentsTest {
  private static final String[] NEEDED = {
    "--input", "in", "--input-format", "json", "--output", "out", "--model", "demo"
  };

  private record Ended(int code, String out, String err) {}

  /** Runs with both streams captured; nothing here may come as far as starting Spark. */
  private static Ended run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream systemOut = System.out;
    PrintStream systemErr = System.err;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    int code;
    try {
      Supplier<Integer> job = () -> JobCommand.run(args);
      code = job.get();
    } finally {
      System.setOut(systemOut);
      System.setErr(systemErr);
    }
    return new Ended(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static Ended runWith(String... more) {
    String[] args = java.util.Arrays.copyOf(NEEDED, NEEDED.length + more.length);
    System.arraycopy(more, 0, args, NEEDED.length, more.length);
    return run(args);
  }

  private static void assertRefused(Ended ended, String message) {
    assertThat(ended.code).isEqualTo(2);
    assertThat(ended.err.strip().lines()).singleElement().asString().contains(message);
    assertThat(ended.out).isEmpty();
  }

  @Test
  void helpListsEveryArgumentAndEveryOption() {
    Ended help = run("--help");
    assertThat(help.code).isZero();
    assertThat(help.out)
        .contains("--input-format FORMAT", "--id-col", "--set OPTION=VALUE", "(default: 512m)");
    for (OptionKey key : OptionKey.values()) {
      assertThat(help.out).contains("\n  --" + key.optionName().replace('_', '-') + " ");
    }
    assertThat(help.out.lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(121));
  }

  @Test
  void refusesWrongArgumentsWithOneLineBeforeSparkStarts() {
    assertRefused(run(), "--input PATH or --input-table TABLE");
    assertRefused(run("--input", "in", "--output", "out"), "--input-format FORMAT");
    assertRefused(
        run("--input", "in", "--input-format", "json"), "--output PATH or --output-table");
    assertRefused(runWith("--input-table", "t"), "--input-table and --input exclude each other");
    assertRefused(runWith("--output-table", "t"), "--output and --output-table exclude");
    assertRefused(runWith("--seed", "1", "--seed", "1"), "--seed is given twice");
    assertRefused(runWith("--seed=1", "--seed"), "--seed");
    assertRefused(runWith("--retry-errors=maybe"), "--retry-errors is 'maybe'");
    assertRefused(runWith("--on-change", "ignore"), "skip, complete, fail");
    assertRefused(runWith("--batch-files", "many"), "--batch-files is 'many'");
    assertRefused(
        runWith("--set", "input.sep=;", "--set", "input.SEP=,"), "input.SEP is given twice");
    assertRefused(runWith("--modle", "x"), "did you mean '--model'?");
    assertRefused(runWith("-model", "x"), "did you mean '--model'?");
    assertRefused(runWith("-?"), "argument 9 belongs to no option");
    assertRefused(runWith("--backend", "tpu"), "tpu");
    assertRefused(runWith("--max-reasoning-tokens", "-2"), "max_reasoning_tokens");
    assertRefused(runWith("--window-bytes", "much"), "window_bytes");
    assertRefused(runWith("--set", "temprature=1"), "did you mean 'temperature'?");
    assertRefused(runWith("--set", "temperature=NaN"), "temperature");
    assertRefused(runWith("--temperature", "hot"), "temperature");
    assertRefused(runWith("--set", "top_p=2"), "top_p");
    assertRefused(runWith("--max-tokens", "0"), "max_tokens");
    assertRefused(runWith("--set", "backend=tpu"), "tpu");
    assertRefused(runWith("--mode", "streaming"), "--mode batch");
    assertRefused(runWith("--error-threshold", "1.5"), "between 0 and 1");
    assertRefused(runWith("--journal", "maybe"), "--journal");
    assertRefused(runWith("--mode", "sideways"), "--mode");
    assertRefused(runWith("--prompt-col", "a", "--messages-col", "b"), "prompt_col");
    assertRefused(runWith("--seed", "1", "--set", "seed=2"), "seed");
    assertRefused(runWith("--set", "seed=1", "--set", "seed=1"), "seed is given twice by --set");
    assertRefused(
        runWith("--set", "max_tokens=1", "--set", "maxTokens=2"), "max_tokens is given twice");
    assertRefused(runWith("--set", "foo"), "--set foo has no value: write --set OPTION=VALUE");
    assertRefused(runWith("--set", "=1"), "unknown option ''");
    assertRefused(runWith("--input-format"), "--input-format");
    assertRefused(runWith("--checkpoint", ""), "--checkpoint is empty: give a path");
    for (String wrong : new String[] {"", "a:b", "://x"}) {
      assertRefused(
          run("--input", wrong, "--input-format", "json", "--output", "out", "--model", "demo"),
          "--input ");
      assertRefused(
          run("--input", "in", "--input-format", "json", "--output", wrong, "--model", "demo"),
          "--output ");
    }
    for (String same : new String[] {"/a", "/a/", "/b/../a", "file:/a", "file:///a"}) {
      assertRefused(
          run("--input", "/a", "--input-format", "json", "--output", same, "--model", "demo"),
          "both");
    }
  }

  /** A wrong backend, which is found last, shows that nothing was wrong with the option's name. */
  @ParameterizedTest
  @EnumSource(OptionKey.class)
  void takesEveryOptionByItsName(OptionKey key) {
    String value = key.defaultValue() == null ? "low" : key.defaultValue();
    if (key != OptionKey.BACKEND && key != OptionKey.MODEL && !key.kind().isText()) {
      assertRefused(
          runWith("--set", key.optionName() + "=" + value, "--set", "backend=tpu"), "tpu");
    }
    if (key.isPerRow()) {
      assertRefused(runWith("--set", key.optionName() + "_col=c", "--set", "backend=tpu"), "tpu");
    }
  }

  @Test
  void readsWhatIsToBeDone() {
    JobSpec job =
        JobArguments.parse(
                "--input-format",
                "JDBC",
                "--set",
                "input.url=jdbc:x",
                "--set=input.dbTable=t",
                "--output-table",
                "c.s.t",
                "--checkpoint",
                "state",
                "--mode",
                "Batch",
                "--output-mode=APPEND",
                "--max-tokens",
                "7",
                "--top-p=0.5",
                "--set",
                "promptTemplate=a=b",
                "--retry-errors")
            .spec();
    assertThat(job.input())
        .isEqualTo(new JobSpec.Input("JDBC", null, null, Map.of("url", "jdbc:x", "dbTable", "t")));
    assertThat(job.output())
        .isEqualTo(new JobSpec.Output(null, "c.s.t", JobSpec.OutputMode.APPEND, "state"));
    assertThat(job.mode()).isEqualTo(JobSpec.Mode.BATCH);
    assertThat(job.retryErrors()).isTrue();
    assertThat(job.options()).doesNotContainKey("escalate_effort");
    assertThat(job.journal()).isEqualTo(new JobSpec.Journal(JobSpec.JournalMode.ON, 3));
    assertThat(job.options())
        .isEqualTo(Map.of("max_tokens", "7", "top_p", "0.5", "prompt_template", "a=b"));
  }

  @Test
  void requestsOfABatchFileAreFoundWithoutAnOption() {
    String[] batch = {"--input", "in", "--input-format", "OpenAI-Batch", "--output", "out"};
    assertThat(JobArguments.parse(batch).spec().options())
        .isEqualTo(Map.of("request_col", "request"));
    String[] own = java.util.Arrays.copyOf(batch, batch.length + 2);
    own[batch.length] = "--prompt-col";
    own[batch.length + 1] = "body";
    assertThat(JobArguments.parse(own).spec().options()).isEqualTo(Map.of("prompt_col", "body"));
  }

  @Test
  void quotesNoTextThatMayBeAPrompt() {
    Ended unquoted = runWith("--set", "developer_prompt=Keep", "the", "secret");
    assertRefused(unquoted, "argument 11 belongs to no option");
    assertThat(unquoted.err).doesNotContain("secret", "the ");
    Ended bare = runWith("--set", "Keep the secret");
    assertRefused(bare, "--set has no value");
    assertThat(bare.err).doesNotContain("secret");
  }

  @Test
  void refusesAModelThatCannotBeUsedBeforeSparkStarts() {
    System.setProperty("spark.master", "local-cluster[2,1,1024]");
    try {
      String[] args = NEEDED.clone();
      args[args.length - 1] = "/no/such/one";
      assertRefused(run(args), "/no/such/one: no such folder");
    } finally {
      System.clearProperty("spark.master");
    }
  }
}
