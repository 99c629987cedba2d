package io.github.gptoss.cli.sql;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.execution.HiveResult;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A small SQL prompt, the main class of {@code bin/spark-sql}: Spark's own is not among the jars
 * that Maven Central has for Scala 2.13. Takes statements from {@code -e}, {@code -f} or standard
 * input and writes their results to standard output, tab-separated, as Spark's own does. Stops at
 * the first statement that fails, with exit code 1, unless a person is typing.
 */
@Command(
    name = "spark-sql",
    description = "Runs SQL on Spark with the gpt-oss connector and Delta.",
    footer = {
      "Options of spark-submit (--master, --conf, ...) may be given as well.",
      "A script (BEGIN ... END) ends at the semicolon after its END. One that is wrong has no end:"
          + " at the prompt, a line of nothing but / runs it."
    })
public final class SqlShell implements Callable<Integer> {
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_USAGE = 2;

  @Option(names = "-e", paramLabel = "STATEMENTS", description = "run these, then end")
  String statements;

  @Option(names = "-f", paramLabel = "FILE", description = "run the statements of a file, then end")
  Path file;

  @Option(names = "--database", paramLabel = "NAME", description = "use this database")
  String database;

  @Option(
      names = {"-S", "--silent"},
      description = "no timing of statements")
  boolean silent;

  @Option(
      names = {"-v", "--verbose"},
      description = "errors with their stack traces")
  boolean verbose;

  @Option(names = "--help", usageHelp = true, description = "show this help")
  boolean help;

  private PrintWriter out;
  private PrintWriter err;

  /** Runs the shell and exits with its code where that is not 0. */
  public static void main(String[] args) {
    CommandLine commands = new CommandLine(new SqlShell());
    commands.setParameterExceptionHandler(
        (wrong, arguments) -> {
          commands.getErr().println("spark-sql: " + SqlErrors.oneLine(wrong));
          return EXIT_USAGE;
        });
    int code = commands.execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  @Override
  public Integer call() throws IOException {
    Charset utf8 = StandardCharsets.UTF_8;
    out = new PrintWriter(System.out, true, utf8);
    err = new PrintWriter(System.err, true, utf8);
    if (statements != null && file != null) {
      err.println("spark-sql: -e and -f are both given: leave one out");
      return EXIT_USAGE;
    }
    String script = statements;
    if (file != null) {
      try {
        script = Files.readString(file);
      } catch (NoSuchFileException e) {
        err.println("spark-sql: file '" + file + "' does not exist");
        return EXIT_USAGE;
      }
    }
    SparkSession spark =
        SparkSession.builder()
            .appName("spark-sql")
            // java.sql's dates have another calendar before 1582-10-15.
            .config("spark.sql.datetime.java8API.enabled", "true")
            .getOrCreate();
    try {
      if (database != null && !run(spark, "USE " + database)) {
        return EXIT_FAILED;
      }
      return script == null ? interactive(spark) : runAll(spark, SqlStatements.of(spark, script));
    } finally {
      spark.stop();
    }
  }

  private int runAll(SparkSession spark, List<String> all) {
    for (String statement : all) {
      if (!run(spark, statement)) {
        return EXIT_FAILED;
      }
    }
    return 0;
  }

  private int interactive(SparkSession spark) throws IOException {
    boolean typing = System.console() != null;
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    SqlStatements pending = new SqlStatements(ScriptParser.of(spark));
    prompt(typing, pending);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String typed = line.strip().replaceAll(";$", "");
      if (pending.rest().isEmpty()
          && (typed.equalsIgnoreCase("exit") || typed.equalsIgnoreCase("quit"))) {
        return 0;
      }
      List<String> complete;
      if (line.strip().equals("/") && pending.isInScript()) {
        complete = List.of(pending.rest());
        pending.clear();
      } else {
        complete = pending.add(line + "\n");
      }
      if (runAll(spark, complete) != 0 && !typing) {
        return EXIT_FAILED;
      }
      prompt(typing, pending);
    }
    return pending.rest().isEmpty() ? 0 : runAll(spark, List.of(pending.rest()));
  }

  private void prompt(boolean typing, SqlStatements pending) {
    if (typing) {
      err.print(pending.rest().isEmpty() ? "spark-sql> " : "         > ");
      err.flush();
    }
  }

  private boolean run(SparkSession spark, String statement) {
    long startNanos = System.nanoTime();
    try {
      // The plan's own printer knows how DESCRIBE and SHOW want to look.
      Dataset<?> result = (Dataset<?>) spark.sql(statement);
      var lines =
          CollectionConverters.asJava(
              HiveResult.hiveResultString(result.queryExecution().executedPlan()));
      lines.forEach(out::println);
      out.flush();
      if (!silent) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        err.printf("Time taken: %.1f seconds, %d row(s)%n", seconds, lines.size());
      }
      return true;
    } catch (Exception e) {
      // AnalysisException is checked in Scala only, so it cannot be caught by its name here.
      err.println("Error in query: " + explain(e));
      return false;
    }
  }

  private String explain(Exception e) {
    if (verbose) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      return trace.toString();
    }
    return SqlErrors.explain(e);
  }
}
