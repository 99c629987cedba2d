package io.github.gptoss.spark.internal.source.openai;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Where a line is.
 *
 * @param blockStart byte at which the part of the file begins that one task reads
 * @param index of the line in that part, from 0
 */
record LinePosition(String file, long blockStart, long index)
    implements Comparable<LinePosition>, Serializable {
  private static final Comparator<LinePosition> ORDER =
      Comparator.comparing(LinePosition::file)
          .thenComparingLong(LinePosition::blockStart)
          .thenComparingLong(LinePosition::index);

  @Override
  public int compareTo(LinePosition other) {
    return ORDER.compare(this, other);
  }
}
