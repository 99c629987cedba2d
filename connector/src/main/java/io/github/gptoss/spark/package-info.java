/**
 * gpt-oss inside Apache Spark: {@link io.github.gptoss.spark.GptOss} completes tables, {@link
 * io.github.gptoss.spark.GptOssJob} is the job for spark-submit, {@link
 * io.github.gptoss.spark.GptOssUdf} a plain function. Packages below are internal.
 */
package io.github.gptoss.spark;
