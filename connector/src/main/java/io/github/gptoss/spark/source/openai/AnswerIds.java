package io.github.gptoss.spark.source.openai;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Ids of one answer: the same when its task runs again, others in every run. */
record AnswerIds(String run, int partition, long index) {
  private static final int BYTES = 16;

  /** A hash of the answer's place and the prefix, behind the prefix. */
  String of(String prefix) {
    String place = prefix + "/" + run + "/" + partition + "/" + index;
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(place.getBytes(StandardCharsets.UTF_8));
      return prefix + HexFormat.of().formatHex(hash, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
