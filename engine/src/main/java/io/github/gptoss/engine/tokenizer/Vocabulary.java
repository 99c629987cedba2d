package io.github.gptoss.engine.tokenizer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * The byte strings of the ordinary tokens and the way back from bytes to the token's id, which is
 * also its merge rank. About 4 MB: one blob of bytes and an open-addressing table of ids.
 */
final class Vocabulary {
  static final int NOT_A_TOKEN = -1;

  private static final String RESOURCE = "/com/knuddels/jtokkit/o200k_base.tiktoken";
  private static final int TABLE_SIZE = 1 << 19;

  private final byte[] bytes; // all tokens, one after another
  private final int[] offsets; // [tokens + 1] into bytes
  private final int[] table = new int[TABLE_SIZE]; // id + 1, 0 where free
  private final int longest;

  private Vocabulary(byte[] bytes, int[] offsets) {
    this.bytes = bytes;
    this.offsets = offsets;
    int max = 0;
    for (int id = 0; id < offsets.length - 1; id++) {
      int from = offsets[id];
      int to = offsets[id + 1];
      max = Math.max(max, to - from);
      int slot = slot(bytes, from, to);
      while (table[slot] != 0) {
        slot = (slot + 1) & (TABLE_SIZE - 1);
      }
      table[slot] = id + 1;
    }
    longest = max;
  }

  /** Reads OpenAI's rank file, of which com.knuddels:jtokkit carries an exact copy. */
  static Vocabulary load() {
    try (InputStream in = Vocabulary.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            RESOURCE + " is not on the class path; the jar com.knuddels:jtokkit 1.1.0 carries it");
      }
      return parse(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE + " from the jtokkit jar", e);
    }
  }

  int size() {
    return offsets.length - 1;
  }

  /** The id of the token with these bytes, or {@link #NOT_A_TOKEN}. */
  int find(byte[] source, int from, int to) {
    if (to - from > longest) {
      return NOT_A_TOKEN;
    }
    int slot = slot(source, from, to);
    while (table[slot] != 0) {
      int id = table[slot] - 1;
      if (Arrays.equals(bytes, offsets[id], offsets[id + 1], source, from, to)) {
        return id;
      }
      slot = (slot + 1) & (TABLE_SIZE - 1);
    }
    return NOT_A_TOKEN;
  }

  void write(int id, ByteArrayOutputStream out) {
    out.write(bytes, offsets[id], offsets[id + 1] - offsets[id]);
  }

  void decode(int id, Utf8Decoder decoder, StringBuilder out) {
    decoder.push(bytes, offsets[id], offsets[id + 1], out);
  }

  private static int slot(byte[] source, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = hash * 0x01000193 ^ source[i];
    }
    hash *= 0x9E3779B1;
    return (hash ^ (hash >>> 15)) & (TABLE_SIZE - 1);
  }

  /** A line is {@code base64-of-the-bytes rank}; ranks count up from 0. */
  private static Vocabulary parse(byte[] file) {
    ByteArrayOutputStream blob = new ByteArrayOutputStream(file.length);
    int[] offsets = new int[SpecialTokens.FIRST + 1];
    String text = new String(file, StandardCharsets.US_ASCII);
    int line = 0;
    for (int id = 0; id < SpecialTokens.FIRST; id++) {
      int space = text.indexOf(' ', line);
      int end = text.indexOf('\n', space);
      blob.writeBytes(Base64.getDecoder().decode(text.substring(line, space)));
      int rank = Integer.parseInt(text, space + 1, end, 10);
      if (rank != id) {
        throw new IllegalStateException(
            RESOURCE + " has rank " + rank + " where " + id + " belongs: not OpenAI's o200k_base");
      }
      offsets[id + 1] = blob.size();
      line = end + 1;
    }
    return new Vocabulary(blob.toByteArray(), offsets);
  }
}
