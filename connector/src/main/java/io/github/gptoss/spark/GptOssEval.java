package io.github.gptoss.spark;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.eval.EvalProgram;
import io.github.gptoss.spark.internal.job.JobCommand;

/**
 * The evaluation for spark-submit: answers a table of problems several times at each reasoning
 * effort, grades the answers, and writes a Delta table of one row a sample and a page of scores
 * with intervals. It is {@link GptOssJob} over those samples, so it goes on where an earlier run
 * was ended, and exits with the same codes; the last line on standard output is a JSON object with
 * the job's figures and {@code scores}.
 */
public final class GptOssEval {
  private GptOssEval() {}

  /**
   * Runs the evaluation and exits with its code where that is not 0.
   *
   * @throws GptOssException instead, where a Spark session was there before: its driver is not this
   *     program's to end
   */
  public static void main(String[] args) {
    JobCommand.main("GptOssEval", new EvalProgram(), args);
  }
}
