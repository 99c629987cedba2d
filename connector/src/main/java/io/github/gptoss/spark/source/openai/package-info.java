/**
 * Internal: the data source {@code openai-batch}, OpenAI's batch files in and out.
 *
 * @see <a href="https://platform.openai.com/docs/guides/batch">OpenAI's description of the
 *     files</a>
 */
package io.github.gptoss.spark.source.openai;
