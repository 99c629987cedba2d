/**
 * The rows of a task on their way through the engine: admitted, submitted, finished, and handed on
 * in order.
 */
package io.github.gptoss.spark.internal.batch;
