/**
 * The engine of an executor: the registry that holds it, the work that leases it, and its status.
 */
package io.github.gptoss.spark.internal.engine;
