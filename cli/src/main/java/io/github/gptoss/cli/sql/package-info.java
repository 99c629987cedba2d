/** The SQL shell, the main class of {@code bin/spark-sql}. It alone knows Spark here. */
package io.github.gptoss.cli.sql;
