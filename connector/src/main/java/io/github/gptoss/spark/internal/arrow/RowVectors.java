package io.github.gptoss.spark.internal.arrow;

/** Vectors that rows are appended to, and dropped from all together. */
public interface RowVectors extends AutoCloseable {
  int rows();

  /** Drops the rows and keeps the memory. */
  void clear();

  @Override
  void close();
}
