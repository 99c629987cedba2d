/**
 * The options of a call: their table, the values of one call, and the errors that name a wrong one.
 */
package io.github.gptoss.spark.internal.options;
