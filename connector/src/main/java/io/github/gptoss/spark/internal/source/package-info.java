/** The data source {@code gptoss}: a table that is completed where it is read. */
package io.github.gptoss.spark.internal.source;
