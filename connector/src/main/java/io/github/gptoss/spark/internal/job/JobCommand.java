package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import java.io.PrintStream;
import org.apache.spark.sql.AnalysisException;

/** The job as a command: from its arguments to its exit code. */
public final class JobCommand {
  private static final int EXIT_FAULT = 1;
  private static final int EXIT_USAGE = 2;
  private static final int EXIT_TOO_MANY_ERRORS = 3;

  private JobCommand() {}

  /**
   * Runs the job.
   *
   * @return its exit code
   */
  @SuppressWarnings("SystemOut") // the last line on standard output is the job's result
  public static int run(String... args) {
    PrintStream err = System.err;
    JobArguments arguments;
    try {
      arguments = JobArguments.parse(args);
    } catch (InvalidConfigException e) {
      err.println("error: " + JobHelp.oneLine(e));
      return EXIT_USAGE;
    }
    if (arguments.isGiven(JobArgument.HELP)) {
      System.out.print(JobArgument.help());
      System.out.flush();
      return 0;
    }
    try {
      System.out.println(new JobRun(arguments.spec()).run());
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
