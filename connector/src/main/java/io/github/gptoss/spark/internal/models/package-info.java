/**
 * Models by their address: where they are found, how they are copied, and the executor's cache of
 * them.
 */
package io.github.gptoss.spark.internal.models;
