/** Completions in files, kept until the table that they belong to is written. */
package io.github.gptoss.spark.internal.journal;
