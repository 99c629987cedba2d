/** What queries and runs of the job may take, over all executors. */
package io.github.gptoss.spark.internal.budget;
