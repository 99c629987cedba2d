package io.github.gptoss.spark.internal.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.tools.ToolRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Answers calls by commands that options fix, one process for each call. Standard input is one line
 * of JSON, {@code {"id", "name", "arguments"}}, {@code arguments} being the text that the model
 * wrote; standard output is to be {@code {"result": ...}} or {@code {"error": "..."}}. The process
 * sees the environment that the option says, and PATH; its folder is empty and goes with it.
 */
final class ProcessTool extends SingleCalls {
  private static final int MOST_ERROR_CHARS = 500;

  private final Map<String, ProcessSpec> commands;

  /**
   * @param commands by function
   */
  ProcessTool(Map<String, ProcessSpec> commands) {
    this.commands = commands;
  }

  @Override
  public Set<String> functions() {
    return commands.keySet();
  }

  @Override
  String answer(ToolRequest call) throws ToolException, InterruptedException {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("gptoss-tool-");
      Path input = folder.resolve("input.json");
      Files.write(input, Arguments.JSON.writeValueAsBytes(line(call)));
      Path work = Files.createDirectory(folder.resolve("work"));
      return run(commands.get(call.function()), input, work);
    } catch (IOException e) {
      throw new ToolException("the tool could not be started");
    } finally {
      delete(folder);
    }
  }

  private static ObjectNode line(ToolRequest call) {
    return Arguments.JSON
        .createObjectNode()
        .put("id", call.id())
        .put("name", call.function())
        .put("arguments", call.arguments());
  }

  private static String run(ProcessSpec spec, Path input, Path work)
      throws IOException, ToolException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(spec.command()).directory(work.toFile()).redirectInput(input.toFile());
    String path = System.getenv("PATH");
    builder.environment().clear();
    if (path != null) {
      builder.environment().put("PATH", path);
    }
    builder.environment().putAll(spec.environment());
    Process process = builder.start();
    try {
      Reader output = new Reader(process, process.getInputStream(), spec.maxBytes() + 1, true);
      Reader errors = new Reader(process, process.getErrorStream(), MOST_ERROR_CHARS, false);
      int status = process.waitFor();
      byte[] written = output.read();
      if (written.length > spec.maxBytes()) {
        throw new ToolException("the tool's answer has more than " + spec.maxBytes() + " bytes");
      }
      if (status != 0) {
        String said = new String(errors.read(), StandardCharsets.UTF_8).strip();
        throw new ToolException(
            "the tool failed with status " + status + (said.isEmpty() ? "" : ": " + said));
      }
      return result(new String(written, StandardCharsets.UTF_8));
    } finally {
      kill(process);
      close(process.getInputStream());
      close(process.getErrorStream());
    }
  }

  /** First those that it started: they are its own only while it lives. */
  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static void close(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      ToolLog.LOG.debug("a stream of a tool's process could not be closed", e);
    }
  }

  /**
   * Reads up to so many bytes of a process on a thread of its own; what goes beyond is thrown away,
   * or ends the process.
   */
  private static final class Reader {
    /** Where a process has ended, what it wrote is there; others may hold the stream open. */
    private static final long MOST_MILLIS_BEHIND_THE_END = 500;

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final CountDownLatch end = new CountDownLatch(1);

    Reader(Process process, InputStream stream, int most, boolean isEndedBeyond) {
      Thread reader =
          new Thread(
              () -> {
                try {
                  keep(stream, most);
                  if (isEndedBeyond && kept.size() == most) {
                    end.countDown();
                    kill(process);
                  }
                  stream.transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                  ToolLog.LOG.debug("a stream of a tool's process broke off", e);
                } finally {
                  end.countDown();
                }
              },
              "gptoss-tool-reader");
      reader.setDaemon(true);
      reader.start();
    }

    private void keep(InputStream stream, int most) throws IOException {
      byte[] bytes = new byte[8192];
      int read = 0;
      while (kept.size() < most && read >= 0) {
        read = stream.read(bytes, 0, Math.min(bytes.length, most - kept.size()));
        kept.write(bytes, 0, Math.max(0, read));
      }
    }

    /** What was read, once the stream or the time behind the process's end is over. */
    byte[] read() throws InterruptedException {
      var unused = end.await(MOST_MILLIS_BEHIND_THE_END, TimeUnit.MILLISECONDS);
      return kept.toByteArray();
    }
  }

  private static String result(String output) throws ToolException {
    JsonNode json;
    try {
      json = Arguments.JSON.readTree(output);
    } catch (JsonProcessingException e) {
      json = null;
    }
    if (json != null && json.hasNonNull("error")) {
      throw new ToolException(text(json.get("error")));
    }
    if (json == null || !json.hasNonNull("result")) {
      throw new ToolException("the tool's output is no JSON object with a result or an error");
    }
    return text(json.get("result"));
  }

  private static String text(JsonNode value) {
    return value.isTextual() ? value.textValue() : JsonLine.of(value);
  }

  private static void delete(Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> inner = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : inner) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      ToolLog.LOG.warn("a tool's folder could not be deleted: {}", folder, e);
    }
  }
}
