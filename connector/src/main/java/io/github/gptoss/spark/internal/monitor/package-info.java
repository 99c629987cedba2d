/**
 * What a run tells: Spark's plugin with its metrics and UI page, and the report of a finished run.
 */
package io.github.gptoss.spark.internal.monitor;
