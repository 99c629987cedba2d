/**
 * Evaluation: a job over a table of problems, each asked several times, and what its answers are
 * worth. Scores, intervals and thresholds know nothing of Spark.
 */
package io.github.gptoss.spark.internal.eval;
