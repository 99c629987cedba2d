package io.github.gptoss.spark;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.job.JobCommand;

/**
 * The job for spark-submit: completes a table of prompts and writes a Delta table, and goes on
 * where an earlier run of the same job was ended. Shows its progress and a closing summary on
 * standard error; the last line on standard output is a JSON object with {@code rows}, {@code
 * errors}, {@code duplicates}, {@code input_tokens}, {@code output_tokens}, {@code seconds}, {@code
 * resumed_rows} and more.
 *
 * <p>Exits 0 when the table is written, whatever the errors in its rows; 2 for wrong arguments, a
 * missing column or a model that cannot be used, with one line on standard error; 3 where more rows
 * failed than {@code --error-threshold} allows; 1 for any other failure.
 */
public final class GptOssJob {
  private GptOssJob() {}

  /**
   * Runs the job and exits with its code where that is not 0.
   *
   * @throws GptOssException instead, where a Spark session was there before: its driver is not this
   *     job's to end
   */
  public static void main(String[] args) {
    JobCommand.main("GptOssJob", JobCommand.JOB, args);
  }
}
