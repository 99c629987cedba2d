package io.github.gptoss.spark.internal.job;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Calls of the job, one after another in one process, which starts and warms up once: each has a
 * Spark session of its own and what it writes stands before a line of its exit code, on standard
 * output and on standard error.
 */
public final class JobCalls {
  /** Stands between the arguments of two calls. */
  public static final String THEN = "--then";

  private static final String ENDED = "JobCalls: ended with ";

  /** The line after a call; its group is the exit code. */
  public static final Pattern END = Pattern.compile("(?m)^" + ENDED + "(\\d+)\\R");

  private JobCalls() {}

  public static void main(String[] args) {
    List<String> call = new ArrayList<>();
    for (String argument : args) {
      if (argument.equals(THEN)) {
        run(call);
        call.clear();
      } else {
        call.add(argument);
      }
    }
    run(call);
  }

  @SuppressWarnings("SystemOut") // what the test reads
  private static void run(List<String> call) {
    int code = JobCommand.run(call.toArray(new String[0]));
    System.out.println(ENDED + code);
    System.err.println(ENDED + code);
  }
}
