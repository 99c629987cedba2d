/** Answers of a guaranteed form as values of Spark's types. */
package io.github.gptoss.spark.internal.parsed;
