/**
 * Task functions: what they ask, which form their answers have, and what is checked of their
 * arguments. A task is a prompt and a form; everything else is a completion's.
 */
package io.github.gptoss.spark.internal.tasks;
