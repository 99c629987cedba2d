package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import java.io.PrintStream;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.SparkSession;

/** A program as a command: from its arguments to its exit code. */
public final class JobCommand {
  private static final int EXIT_FAULT = 1;
  private static final int EXIT_USAGE = 2;
  private static final int EXIT_TOO_MANY_ERRORS = 3;

  /** The job. */
  public static final Program JOB =
      new Program() {
        @Override
        public String head() {
          return """
          Usage: spark-submit [spark options] --class io.github.gptoss.spark.GptOssJob gptoss-spark.jar --input PATH
                 --input-format FORMAT --output PATH --model DIR|demo [arguments]
          Completes a table of prompts with a gpt-oss model and writes a Delta table.
          """;
        }

        @Override
        public List<Argument> arguments() {
          return List.of(JobArgument.values());
        }

        @Override
        public String run(JobArguments arguments) throws Exception {
          return new JobRun(arguments.spec()).run();
        }
      };

  private JobCommand() {}

  /**
   * Runs a program as the main method of a class does, and exits with its code where that is not 0.
   *
   * @param name of the class
   * @throws GptOssException instead, where a Spark session was there before: its driver is not the
   *     program's to end
   */
  public static void main(String name, Program program, String... args) {
    boolean isGuest = SparkSession.getDefaultSession().isDefined();
    int code = run(program, args);
    if (code != 0 && isGuest) {
      throw new GptOssException(
          name + " ended with code " + code + ": standard error says why in its last line");
    }
    if (code != 0) {
      System.exit(code);
    }
  }

  /**
   * Runs the job.
   *
   * @return its exit code
   */
  public static int run(String... args) {
    return run(JOB, args);
  }

  /**
   * Runs a program.
   *
   * @return its exit code
   */
  @SuppressWarnings("SystemOut") // the last line on standard output is the program's result
  public static int run(Program program, String... args) {
    PrintStream err = System.err;
    JobArguments arguments;
    try {
      arguments = JobArguments.parse(program.arguments(), args);
    } catch (InvalidConfigException e) {
      err.println("error: " + JobHelp.oneLine(e));
      return EXIT_USAGE;
    }
    if (arguments.isGiven(JobArgument.HELP)) {
      System.out.print(program.help());
      System.out.flush();
      return 0;
    }
    try {
      System.out.println(program.run(arguments));
      System.out.flush();
      return 0;
    } catch (Exception e) {
      if (arguments.isGiven(JobArgument.STACKTRACE)) {
        e.printStackTrace(err);
      }
      return explain(e, err);
    }
  }

  private static int explain(Exception failure, PrintStream err) {
    Throwable known = JobHelp.knownCause(failure);
    err.println("error: " + JobHelp.oneLine(known == null ? failure : known));
    err.flush();
    if (known instanceof JobErrors.TooManyErrorsException) {
      return EXIT_TOO_MANY_ERRORS;
    }
    return known instanceof InvalidConfigException
            || known instanceof InvalidModelException
            || known instanceof AnalysisException
        ? EXIT_USAGE
        : EXIT_FAULT;
  }
}
