/**
 * Internal: rows' token ids and completions as Arrow vectors, built by hand since Spark's own
 * writers are private and differ between versions.
 */
package io.github.gptoss.spark.arrow;
