/** What a run tells when it has ended: bounded figures of its completions, as HTML and Markdown. */
package io.github.gptoss.spark.report;
