/** Internal: what runs on executors, around one engine per JVM. */
package io.github.gptoss.spark.executor;
