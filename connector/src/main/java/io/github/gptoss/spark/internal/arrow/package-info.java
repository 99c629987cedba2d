/**
 * Lists of token ids as Arrow vectors, and the memory that they are in. The vectors are written by
 * hand because Spark's own writers are private and differ between versions.
 */
package io.github.gptoss.spark.internal.arrow;
