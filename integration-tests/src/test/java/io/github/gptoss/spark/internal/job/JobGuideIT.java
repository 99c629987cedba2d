package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.spark.Sessions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on the guide's page of the job, as they stand there but for their paths. */
class JobGuideIT {
  private static final Pattern COMMAND =
      Pattern.compile("^(bin/spark-submit [^\\n]*\\\\\\n[^\\n]*)$", Pattern.MULTILINE);

  @TempDir Path folder;

  private List<String> commands() throws Exception {
    String page = Files.readString(Sessions.ROOT.resolve("docs/job.md"));
    Matcher found = COMMAND.matcher(page.substring(page.indexOf("## Jobs that survive")));
    List<String> commands = new ArrayList<>();
    while (found.find()) {
      commands.add(
          found
              .group(1)
              .replace("prompts.jsonl", folder.resolve("prompts.jsonl").toString())
              .replace("/tmp/answers", folder.resolve("answers").toString()));
    }
    return commands;
  }

  private JsonNode run(String command) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    int code =
        new ProcessBuilder("bash", "-c", command)
            .directory(Sessions.ROOT.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start()
            .waitFor();
    assertThat(code).as(Files.readString(err)).isZero();
    List<String> lines = Files.readAllLines(out);
    return new ObjectMapper().readTree(lines.get(lines.size() - 1));
  }

  @Test
  void theCommandsDoWhatTheTextSays() throws Exception {
    Files.write(
        folder.resolve("prompts.jsonl"),
        List.of(
            "{\"id\": 1, \"prompt\": \"How much is 1 + 1?\"}", "{\"id\": 2, \"prompt\": null}"));
    List<String> commands = commands();
    assertThat(commands).hasSize(3);
    JsonNode first = run(commands.get(0));
    assertThat(first.get("rows").asLong()).isEqualTo(2);
    assertThat(first.get("errors").asLong()).isEqualTo(1);
    JsonNode again = run(commands.get(0));
    assertThat(again.get("rows").asLong()).isZero();
    assertThat(again.get("skipped_rows").asLong()).isEqualTo(2);
    JsonNode retried = run(commands.get(1));
    assertThat(retried.get("rows").asLong()).isEqualTo(1);
    JsonNode dry = run(commands.get(2));
    assertThat(dry.get("rows").asLong()).isEqualTo(2);
  }
}
