/** Internal: data sources that Spark finds by name, {@code gptoss} and {@code openai-batch}. */
package io.github.gptoss.spark.source;
