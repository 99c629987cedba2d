package io.github.gptoss.engine.tokenizer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The character classes of the o200k split pattern. The JDK's own tables are not used: they follow
 * the JDK's Unicode version, and the same text must give the same tokens on every JDK.
 */
final class CharacterClasses {
  static final byte OTHER = 0;
  static final byte UPPER = 1;
  static final byte LOWER = 2;

  /** Letters without case: they continue both an upper-case and a lower-case run. */
  static final byte CASELESS = 3;

  /** Combining marks: like {@link #CASELESS} within a word, like {@link #OTHER} at its start. */
  static final byte MARK = 4;

  static final byte NUMBER = 5;
  static final byte SPACE = 6;

  private static final String RESOURCE = "unicode-16-classes.txt";
  private static final String CODES = "-ULBMNS";
  private static final int BLOCK_BITS = 7;
  private static final int BLOCK_SIZE = 1 << BLOCK_BITS;

  private static final CharacterClasses INSTANCE = new CharacterClasses(readRanges());

  private final char[] blockOffsets; // [0x110000 / BLOCK_SIZE], offset of the block in classes
  private final byte[] classes; // distinct blocks of BLOCK_SIZE, one after another

  private CharacterClasses(byte[] flat) {
    blockOffsets = new char[flat.length >> BLOCK_BITS];
    byte[] distinct = new byte[0];
    for (int block = 0; block < blockOffsets.length; block++) {
      int from = block << BLOCK_BITS;
      int found = find(distinct, flat, from);
      if (found < 0) {
        found = distinct.length;
        distinct = Arrays.copyOf(distinct, found + BLOCK_SIZE);
        System.arraycopy(flat, from, distinct, found, BLOCK_SIZE);
      }
      blockOffsets[block] = (char) found;
    }
    classes = distinct;
  }

  static CharacterClasses instance() {
    return INSTANCE;
  }

  byte of(int codePoint) {
    return classes[blockOffsets[codePoint >> BLOCK_BITS] + (codePoint & (BLOCK_SIZE - 1))];
  }

  private static int find(byte[] distinct, byte[] flat, int from) {
    for (int offset = 0; offset < distinct.length; offset += BLOCK_SIZE) {
      if (Arrays.equals(distinct, offset, offset + BLOCK_SIZE, flat, from, from + BLOCK_SIZE)) {
        return offset;
      }
    }
    return -1;
  }

  private static byte[] readRanges() {
    byte[] flat = new byte[Character.MAX_CODE_POINT + 1];
    try (InputStream in = CharacterClasses.class.getResourceAsStream(RESOURCE);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith("#")) {
          continue;
        }
        int secondSpace = line.indexOf(' ', 2);
        int first = Integer.parseInt(line, 2, secondSpace, 16);
        int last = Integer.parseInt(line, secondSpace + 1, line.length(), 16);
        Arrays.fill(flat, first, last + 1, (byte) CODES.indexOf(line.charAt(0)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE + " from the engine's jar", e);
    }
    return flat;
  }
}
