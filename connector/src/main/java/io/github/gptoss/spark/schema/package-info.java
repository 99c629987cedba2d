/** Internal: the shape of what is read and of what is added to it. */
package io.github.gptoss.spark.schema;
