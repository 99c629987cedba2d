/**
 * The data source {@code openai-batch}: request files and result files of OpenAI's batch interface.
 */
package io.github.gptoss.spark.internal.source.openai;
