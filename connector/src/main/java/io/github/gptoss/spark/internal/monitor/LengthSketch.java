package io.github.gptoss.spark.internal.monitor;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/**
 * How often which length occurs, in bounded memory: exact below 512, and to 1/256 of the length
 * above, as HdrHistogram does it. Merging sketches gives the sketch of all their lengths. Not
 * thread-safe.
 */
final class LengthSketch implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int PRECISION_BITS = 8;

  /** Counts by bucket: 256 of them for each power of two. */
  private final TreeMap<Integer, Long> buckets = new TreeMap<>();

  private long count;
  private long sum;
  private long min = Long.MAX_VALUE;
  private long max;

  LengthSketch copy() {
    LengthSketch copy = new LengthSketch();
    copy.merge(this);
    return copy;
  }

  /**
   * @param length not negative
   */
  void add(long length) {
    buckets.merge(bucket(length), 1L, Long::sum);
    count++;
    sum += length;
    min = Math.min(min, length);
    max = Math.max(max, length);
  }

  void merge(LengthSketch other) {
    other.buckets.forEach((bucket, lengths) -> buckets.merge(bucket, lengths, Long::sum));
    count += other.count;
    sum += other.sum;
    min = Math.min(min, other.min);
    max = Math.max(max, other.max);
  }

  long count() {
    return count;
  }

  long sum() {
    return sum;
  }

  /** 0 where there are no lengths, as for all that follow. */
  long min() {
    return count == 0 ? 0 : min;
  }

  long max() {
    return max;
  }

  double mean() {
    return count == 0 ? 0 : (double) sum / count;
  }

  /**
   * The length that this share of lengths do not exceed, to 1/256 of itself.
   *
   * @param share 0 to 1
   */
  long quantile(double share) {
    long rank = Math.max(1, (long) Math.ceil(share * count));
    long seen = 0;
    for (Map.Entry<Integer, Long> bucket : buckets.entrySet()) {
      seen += bucket.getValue();
      if (seen >= rank) {
        return Math.min(max, Math.max(min, last(bucket.getKey())));
      }
    }
    return 0;
  }

  /** How many lengths fall into each group; a bucket falls where its middle does. */
  Map<Long, Long> grouped(LongUnaryOperator group) {
    Map<Long, Long> groups = new TreeMap<>();
    buckets.forEach(
        (bucket, lengths) -> {
          long middle = (first(bucket) + last(bucket)) / 2;
          groups.merge(group.applyAsLong(middle), lengths, Long::sum);
        });
    return groups;
  }

  /** Lengths that cannot be told from this one. */
  static long resolution(long length) {
    return last(bucket(length)) - first(bucket(length)) + 1;
  }

  private static int shift(long length) {
    return Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(length) - 1 - PRECISION_BITS);
  }

  private static int bucket(long length) {
    int shift = shift(length);
    return (shift << PRECISION_BITS) + (int) (length >>> shift);
  }

  private static long first(int bucket) {
    int shift = Math.max(0, (bucket >> PRECISION_BITS) - 1);
    return ((long) bucket - ((long) shift << PRECISION_BITS)) << shift;
  }

  private static long last(int bucket) {
    return first(bucket + 1) - 1;
  }

  @Override
  public String toString() {
    return count + " lengths";
  }
}
