package io.github.gptoss.spark.internal.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.tools.ToolRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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
      CompletableFuture<byte[]> output =
          reading(process, process.getInputStream(), spec.maxBytes() + 1, true);
      CompletableFuture<byte[]> errors =
          reading(process, process.getErrorStream(), MOST_ERROR_CHARS, false);
      int status = process.waitFor();
      byte[] written = output.get();
      if (written.length > spec.maxBytes()) {
        throw new ToolException("the tool's answer has more than " + spec.maxBytes() + " bytes");
      }
      if (status != 0) {
        String said = new String(errors.get(), StandardCharsets.UTF_8).strip();
        throw new ToolException(
            "the tool failed with status " + status + (said.isEmpty() ? "" : ": " + said));
      }
      return result(new String(written, StandardCharsets.UTF_8));
    } catch (ExecutionException e) {
      throw new ToolException("the tool broke off its answer");
    } finally {
      // First those that it started: they are its own only while it lives.
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Reads up to so many bytes; what goes beyond is thrown away, or ends the process. */
  private static CompletableFuture<byte[]> reading(
      Process process, InputStream stream, int most, boolean isEndedBeyond) {
    CompletableFuture<byte[]> read = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try (InputStream in = stream) {
                byte[] bytes = in.readNBytes(most);
                read.complete(bytes);
                if (isEndedBeyond && bytes.length == most) {
                  process.destroyForcibly();
                }
                in.transferTo(java.io.OutputStream.nullOutputStream());
              } catch (IOException e) {
                read.completeExceptionally(e); // nothing where it is complete
              }
            },
            "gptoss-tool-reader");
    reader.setDaemon(true);
    reader.start();
    return read;
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
