package io.github.gptoss.spark.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.spark.tools.ToolResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class ProcessToolTest {
  @TempDir Path folder;

  private ToolResult sh(String script, String arguments) throws Exception {
    return sh(script, arguments, 1000);
  }

  private ToolResult sh(String script, String arguments, int maxBytes) throws Exception {
    ProcessTool tool =
        new ProcessTool(
            Map.of(
                "python",
                new ProcessSpec(
                    List.of("/bin/sh", "-c", script),
                    Map.of("OUT", folder.toString()),
                    null,
                    maxBytes)));
    return Calls.run(tool, "python", arguments);
  }

  @Test
  void speaksJsonOnStandardInputAndOutput() throws Exception {
    assertThat(sh("cat > \"$OUT/in\"; echo '{\"result\": \"drei\"}'", "print(\"1\"\n+ 'ü')"))
        .isEqualTo(ToolResult.of("drei"));
    assertThat(Files.readString(folder.resolve("in")))
        .isEqualTo(
            "{\"id\":\"call_1\",\"name\":\"python\",\"arguments\":\"print(\\\"1\\\"\\n+ 'ü')\"}");
    assertThat(sh("echo '{\"result\": {\"a\": [1, 2]}}'", "").value()).isEqualTo("{\"a\": [1, 2]}");
  }

  @Test
  void whatItSaysIsWrongIsAnAnswer() throws Exception {
    assertThat(sh("echo '{\"error\": \"no such name\"}'", "").error()).isEqualTo("no such name");
    assertThat(sh("echo broken >&2; exit 3", "").error())
        .isEqualTo("the tool failed with status 3: broken");
    assertThat(sh("echo 5", "").error()).contains("no JSON object with a result or an error");
    assertThat(sh("echo '{\"a\": 1}'", "").error()).contains("no JSON object with a result");
    ProcessTool missing =
        new ProcessTool(
            Map.of("f", new ProcessSpec(List.of("/no/such/program"), Map.of(), null, 100)));
    assertThat(Calls.run(missing, "f", "").error()).isEqualTo("the tool could not be started");
  }

  @Test
  void outputIsBounded() throws Exception {
    assertThat(sh("yes", "", 1000).error()).isEqualTo("the tool's answer has more than 1000 bytes");
    // A process that says much on standard error is not held up.
    assertThat(sh("head -c 1000000 /dev/zero >&2; echo '{\"result\": \"x\"}'", "").value())
        .isEqualTo("x");
  }

  /** A child in the background holds standard output open for much longer than the test takes. */
  @Test
  @Timeout(60)
  void anAnswerIsTakenWhenTheProcessHasEndedWhoeverHoldsItsOutput() throws Exception {
    String script = "sleep 600 & echo $! > \"$OUT/left\"; echo '{\"result\": \"x\"}'";
    try {
      assertThat(sh(script, "")).isEqualTo(ToolResult.of("x"));
    } finally {
      long id = Long.parseLong(Files.readString(folder.resolve("left")).strip());
      ProcessHandle.of(id).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  @Timeout(60)
  void whatAProcessStartedEndsWithItWhereItsAnswerIsTooLong() throws Exception {
    String script = "sleep 600 > /dev/null 2>&1 & echo $! > \"$OUT/child\"; yes";
    assertThat(sh(script, "", 1000).error()).contains("more than 1000 bytes");
    long id = Long.parseLong(Files.readString(folder.resolve("child")).strip());
    ProcessHandle.of(id)
        .ifPresent(child -> assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(30)));
  }

  @Test
  void seesNothingOfTheExecutorsEnvironmentAndFolders() throws Exception {
    ToolResult seen =
        sh("printf '{\"result\": \"%s\"}' \"$(env | cut -d= -f1 | sort | tr '\\n' ' ')$(ls)\"", "");
    assertThat(seen.value())
        .isIn("OUT PATH PWD _ ", "OUT PATH PWD ", "OUT PATH ", "OUT PATH PWD SHLVL _ ");
    String where = sh("printf '{\"result\": \"%s\"}' \"$(pwd)\"", "").value();
    assertThat(Path.of(where).getFileName()).hasToString("work");
    assertThat(Path.of(where)).doesNotExist();
  }

  @Test
  void noShellReadsArguments() throws Exception {
    ProcessTool echo =
        new ProcessTool(
            Map.of(
                "f",
                new ProcessSpec(
                    List.of("/bin/echo", "{\"result\": \"$HOME; `id`\"}"), Map.of(), null, 100)));
    assertThat(Calls.run(echo, "f", "").value()).isEqualTo("$HOME; `id`");
  }

  @Test
  void anInterruptEndsTheProcessAndThoseItStarted() throws Exception {
    String script =
        "sleep 1000 & echo $! > \"$OUT/child.tmp\"; mv \"$OUT/child.tmp\" \"$OUT/child\"; wait";
    Boolean[] interrupted = {null};
    Thread calling =
        new Thread(
            () -> {
              try {
                var unused = sh(script, "");
                interrupted[0] = false;
              } catch (InterruptedException e) {
                interrupted[0] = true;
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    calling.start();
    Path child = folder.resolve("child");
    while (!Files.exists(child)) {
      Thread.onSpinWait();
    }
    long id = Long.parseLong(Files.readString(child).strip());
    ProcessHandle handle = ProcessHandle.of(id).orElseThrow();
    calling.interrupt();
    calling.join();
    assertThat(interrupted[0]).isTrue();
    assertThat(handle.onExit()).succeedsWithin(Duration.ofSeconds(30));
  }

  @Test
  void anErrorOfTheListOfCommandsIsTheOptions() {
    assertThatExceptionOfType(io.github.gptoss.engine.error.InvalidConfigException.class)
        .isThrownBy(
            () -> ToolOptions.of(Calls.options("tool_process", "{\"f\": {\"command\": [1]}}")))
        .withMessageContaining("tool_process.f.command: it must be a list of strings");
  }
}
