package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/gptoss} as a process, on the packaged jar. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "bin/gptoss is a bash script")
class GptossScriptIT {
  private static final Path SCRIPT = Path.of("../bin/gptoss").toAbsolutePath().normalize();

  /** What the JVM itself writes to standard error at every start. */
  private static final String JVM_WARNING =
      "WARNING: Using incubator modules: jdk.incubator.vector\n";

  @TempDir private Path folder;

  /**
   * What a call came to.
   *
   * @param err without the JVM's warning
   */
  private record Result(int status, String out, String err) {}

  private Result run(Path script, Map<String, String> environment, String input, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(args));
    Path in = folder.resolve("in");
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Files.writeString(in, input);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    int status = builder.start().waitFor();
    return new Result(
        status, Files.readString(out), Files.readString(err).replaceFirst("^" + JVM_WARNING, ""));
  }

  @Test
  void runsFromAnyFolderThroughSymlinksAndInAnyLocale() throws Exception {
    Path first = Files.createSymbolicLink(folder.resolve("first"), SCRIPT);
    Path link = Files.createSymbolicLink(folder.resolve("a link"), first.getFileName());
    Result result = run(link, Map.of("LC_ALL", "C"), "", "tokenize", "na\u00efve \uD83D\uDE00");
    Result piped = run(SCRIPT, Map.of(), "na\u00efve \uD83D\uDE00", "tokenize");

    assertThat(result.err()).isEmpty();
    assertThat(result.status()).isZero();
    assertThat(result.out()).startsWith("[").isEqualTo(piped.out());
  }

  @Test
  void generatesAndReportsOnStandardError() throws Exception {
    String model = Path.of(Cli.TINY).toAbsolutePath().toString();
    Result result =
        run(
            SCRIPT,
            Map.of(),
            "{\"tokens\": [1, 2], \"max_tokens\": 2}\nno json\n",
            "generate",
            "--jsonl",
            "--model",
            model);
    assertThat(result.status()).isZero();
    assertThat(result.out()).hasLineCount(2).startsWith("{\"tokens\":[");
    assertThat(result.err()).hasLineCount(1).startsWith("2 requests, 1 errors, 2 tokens");
  }

  @Test
  void runsOnTheEmulatedDriverWhereAsked() throws Exception {
    Map<String, String> emulator = Map.of("GPTOSS_GPU_EMULATOR", "1");
    Result started = run(SCRIPT, emulator, "", "tokenize", "yes");
    if (!Boolean.getBoolean("require.gpu.emulator")) {
      assumeFalse(started.err().contains("there is no GPU emulator"), started.err());
    }
    assertThat(started.status()).as(started.err()).isZero();
    Result generated =
        run(
            SCRIPT,
            emulator,
            "{\"tokens\": [3, 4, 5], \"max_tokens\": 4, \"ignore_eos\": true}\n",
            "generate",
            "--jsonl",
            "--backend",
            "cuda",
            "--model",
            Path.of(Cli.TINY).toAbsolutePath().toString(),
            "--max-model-len",
            "256");
    assertThat(generated.status()).as(generated.err()).isZero();
    assertThat(Cli.json(generated.out()).get("tokens")).hasSize(4);
    assertThat(generated.err()).contains("memory: device 0: weights").doesNotContain("\tat ");
    Map<String, String> spoiled = Map.of("GPTOSS_GPU_EMULATOR", "1", "CUDA_EMULATOR", "no=machine");
    Result refused = run(SCRIPT, spoiled, "", "tokenize", "yes");
    assertThat(refused.status()).isNotZero();
    assertThat(refused.err()).contains("cannot read CUDA_EMULATOR=no=machine");
  }

  @Test
  void refusesInOneLine() throws Exception {
    Result result = run(SCRIPT, Map.of(), "", "inspect", "--model", "/no/such/folder");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).hasLineCount(1).contains("/no/such/folder");
  }

  @Test
  void tellsItsVersionFromTheJarAndTakesJvmOptions() throws Exception {
    Result result = run(SCRIPT, Map.of("GPTOSS_JAVA_OPTS", "-Xmx256m -Dx=y"), "", "--version");
    assertThat(result.out()).matches("gptoss \\d+\\.\\d+\\.\\d+\\S*\n");
  }

  /** The connector's classes are there, and nothing of Spark. */
  @Test
  void looksIntoTheConnectorsCache() throws Exception {
    Files.createDirectories(folder.resolve("models/some-copy"));
    Result result = run(SCRIPT, Map.of(), "", "cache", "list", "--cache-dir", folder.toString());
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).hasLineCount(1).startsWith("some-copy  -  0 bytes");
  }

  @Test
  void saysHowToBuildWhatIsNotBuilt() throws Exception {
    Path bin = Files.createDirectories(folder.resolve("clone/bin"));
    Files.copy(SCRIPT.resolveSibling("common.sh"), bin.resolve("common.sh"));
    Path copy = Files.copy(SCRIPT, bin.resolve("gptoss"));
    assertThat(copy.toFile().setExecutable(true)).isTrue();
    Result result = run(copy, Map.of(), "", "--version");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).hasLineCount(1).contains("mvn", "package");
    Result noJava = run(SCRIPT, Map.of("JAVA_HOME", "/no/such/jdk"), "", "--version");
    assertThat(noJava.status()).isEqualTo(2);
    assertThat(noJava.err()).hasLineCount(1).contains("JAVA_HOME");
  }

  @Test
  void endsQuietlyWhenNobodyReadsOn() throws Exception {
    Process process =
        new ProcessBuilder(
                "bash",
                "-c",
                "yes '{\"text\": \"a\"}' | \"$0\" tokenize --jsonl | head -n 1; exit"
                    + " ${PIPESTATUS[1]}",
                SCRIPT.toString())
            .redirectErrorStream(true)
            .start();
    try (InputStream output = process.getInputStream()) {
      assertThat(new String(output.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(JVM_WARNING + "{\"ids\":[64]}\n");
    }
    assertThat(process.waitFor()).isZero();
  }
}
