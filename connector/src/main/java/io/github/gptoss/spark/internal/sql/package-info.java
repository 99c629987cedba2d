/**
 * The SQL functions, the expression and the generator that stand for a call in a plan, and the
 * operator that batches.
 */
package io.github.gptoss.spark.internal.sql;
