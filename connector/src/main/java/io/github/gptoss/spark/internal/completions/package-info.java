/**
 * The completion of a row: its schema, its Arrow vectors, its key, its origin, and completions that
 * rows share.
 */
package io.github.gptoss.spark.internal.completions;
