/** Internal: keeps completions in files until the table that they belong to is written. */
package io.github.gptoss.spark.journal;
