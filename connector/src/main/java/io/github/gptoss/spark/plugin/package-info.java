/** Internal: Spark's plugin, its reports, metrics and UI tab. */
package io.github.gptoss.spark.plugin;
