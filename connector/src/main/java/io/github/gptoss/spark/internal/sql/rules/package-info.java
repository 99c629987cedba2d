/**
 * The rules that turn a call in a plan into the operator that batches, and the sessions that they
 * are added to.
 */
package io.github.gptoss.spark.internal.sql.rules;
