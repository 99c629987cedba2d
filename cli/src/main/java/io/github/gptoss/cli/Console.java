package io.github.gptoss.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The three streams of a call.
 *
 * @param out results and nothing else; a closed reader shows as {@link OutputClosedException}
 * @param err logs, progress and errors
 * @param terminal whether {@code out} is a terminal
 */
record Console(InputStream in, StandardOutput out, PrintStream err, boolean terminal) {
  /**
   * All of standard input.
   *
   * @param name what it is given for
   * @throws io.github.gptoss.engine.error.InvalidConfigException if it is not UTF-8
   */
  String text(String name) throws IOException {
    byte[] bytes = in.readAllBytes();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw CliErrors.inputNotUtf8(name);
    }
  }
}
