/** Internal: options, their defaults, and what is wrong with them. */
package io.github.gptoss.spark.conf;
