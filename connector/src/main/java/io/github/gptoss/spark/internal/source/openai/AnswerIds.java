package io.github.gptoss.spark.internal.source.openai;

import org.apache.commons.codec.digest.DigestUtils;

/** Ids of one answer: the same when its task runs again, others in every run. */
record AnswerIds(String run, int partition, long index) {
  private static final int DIGITS = 32;

  /** A hash of the answer's place and the prefix, behind the prefix. */
  String of(String prefix) {
    String place = prefix + "/" + run + "/" + partition + "/" + index;
    return prefix + DigestUtils.sha256Hex(place).substring(0, DIGITS);
  }
}
