/** The job for spark-submit, which survives its driver, its executors and bad rows. */
package io.github.gptoss.spark.internal.job;
