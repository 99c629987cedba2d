/** What a program implements to let the model call its own code while a table is completed. */
package io.github.gptoss.spark.tools;
