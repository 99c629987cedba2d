/** Tools that the model calls: which ones a call has, what they answer from, and running them. */
package io.github.gptoss.spark.internal.tools;
