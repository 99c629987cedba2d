/** Finds models on a hub or a filesystem, and copies them to the local cache. */
package io.github.gptoss.spark.model;
