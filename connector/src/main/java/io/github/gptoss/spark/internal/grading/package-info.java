/**
 * Tells whether an answer is right: what it says is extracted by the rules of a grader and compared
 * with the key. Knows nothing of Spark, so that the command line grades as jobs do.
 */
package io.github.gptoss.spark.internal.grading;
