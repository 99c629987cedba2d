/**
 * Internal: the SQL functions, the rules that turn their calls into one batching operator, and that
 * operator.
 */
package io.github.gptoss.spark.functions;
