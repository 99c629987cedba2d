package io.github.gptoss.cli;

import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Runs one call and turns whatever comes of it into an exit status and at most one line. */
final class CommandLineRunner {
  static final int OK = 0;
  static final int FAULT = 1;
  static final int WRONG_CALL = 2;

  private CommandLineRunner() {}

  static int run(Console console, String... args) {
    RootCommand root = new RootCommand(console);
    CommandLine line = new CommandLine(root);
    line.setExpandAtFiles(false); // a prompt may begin with @
    line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
    line.setParameterExceptionHandler((e, unparsed) -> wrongCall(console, e));
    line.setExecutionExceptionHandler((e, command, parsed) -> failed(console, root, e));
    line.setExecutionStrategy(
        parsed -> {
          Logging.configure(root.common().verbose() || root.common().stacktrace());
          int status = new CommandLine.RunLast().execute(parsed);
          flush(line, console);
          return status;
        });
    try {
      return line.execute(args);
    } catch (Error e) {
      return failed(console, root, e);
    }
  }

  /** Also what picocli has printed, help for instance, may meet a closed pipe. */
  private static void flush(CommandLine line, Console console) {
    line.getOut().flush();
    console.out().flush();
  }

  private static int wrongCall(Console console, ParameterException e) {
    console.err().println(CliErrors.usage(e));
    return WRONG_CALL;
  }

  private static int failed(Console console, RootCommand root, Throwable e) {
    if (e instanceof OutputClosedException) {
      return OK;
    }
    boolean wrongCall =
        e instanceof InvalidConfigException
            || e instanceof InvalidModelException
            || e instanceof InvalidRequestException
            || e instanceof ConstraintException;
    console.err().println(wrongCall ? CliErrors.oneLine(e.getMessage()) : CliErrors.fault(e));
    if (root.common().stacktrace()) {
      e.printStackTrace(console.err());
    }
    return wrongCall ? WRONG_CALL : FAULT;
  }
}
