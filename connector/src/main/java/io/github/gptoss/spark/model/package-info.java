/** Brings a model to the machine that computes: from a hub or a filesystem into a local cache. */
package io.github.gptoss.spark.model;
