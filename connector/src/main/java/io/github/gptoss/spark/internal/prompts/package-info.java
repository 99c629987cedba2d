/**
 * From a table's columns to a request: the prompt's column, the request struct, and its rendering
 * to token ids.
 */
package io.github.gptoss.spark.internal.prompts;
