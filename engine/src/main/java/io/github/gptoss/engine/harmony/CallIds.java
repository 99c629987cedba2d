package io.github.gptoss.engine.harmony;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Ids of tool calls. An id is {@code call_} and 24 hexadecimal digits of the SHA-256 of the
 * prompt's tokens, the generated tokens and the call's place among the completion's calls. So calls
 * of other rows, and of other turns of one conversation, have other ids; a row that is generated
 * again, in whatever batch, has the same ids, and so have two rows that are equal in prompt and
 * completion.
 */
public record CallIds(int[] prompt, int[] completion) {
  private static final String PREFIX = "call_";
  private static final int DIGEST_BYTES = 12;

  /** Names the call at this place among the completion's calls, from 0. */
  String id(int index) {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (prompt.length + completion.length + 2));
    bytes.putInt(index).putInt(prompt.length);
    bytes.asIntBuffer().put(prompt).put(completion);
    byte[] digest = sha256().digest(bytes.array());
    return PREFIX + HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
