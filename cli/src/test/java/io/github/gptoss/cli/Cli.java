package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Calls the command line in this process. */
final class Cli {
  static final Path GOLDENS = Path.of("../engine/src/test/resources/goldens");
  static final String TINY = GOLDENS.resolve("model/tiny-mxfp4").toString();
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Cli() {}

  /** What a call came to. */
  record Result(int status, String out, String err) {
    /** Output as JSON lines. */
    List<JsonNode> lines() {
      return Stream.of(out.split("\n", -1))
          .limit(out.chars().filter(c -> c == '\n').count())
          .map(Cli::json)
          .toList();
    }
  }

  static Result run(String input, String... args) {
    return run(input.getBytes(StandardCharsets.UTF_8), args);
  }

  static Result run(byte[] input, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = run(new ByteArrayInputStream(input), out, err, false, args);
    return new Result(status, utf8(out.toByteArray()), utf8(err.toByteArray()));
  }

  static int run(
      InputStream in, OutputStream out, OutputStream err, boolean terminal, String... args) {
    PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
    return CommandLineRunner.run(new Console(in, new StandardOutput(out), errors, terminal), args);
  }

  static List<JsonNode> golden(String file) {
    try {
      return Files.readAllLines(GOLDENS.resolve(file)).stream().map(Cli::json).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
