package io.github.gptoss.spark;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.conf.OptionKey;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.AnalysisException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/**
 * The job for spark-submit: completes a table of prompts and writes a Delta table. Shows its
 * progress and a closing summary on standard error; the last line on standard output is a JSON
 * object with {@code rows}, {@code errors}, {@code duplicates}, {@code input_tokens}, {@code
 * output_tokens}, {@code seconds} and {@code resumed_rows}.
 *
 * <p>Exits 0 when the table is written, whatever the errors in its rows; 2 for wrong arguments, a
 * missing column or a model that cannot be used, with one line on standard error; 1 for any other
 * failure.
 */
@Command(
    name = "GptOssJob",
    sortOptions = false,
    usageHelpWidth = 120,
    description = "Completes a table of prompts with a gpt-oss model and writes a Delta table.",
    customSynopsis =
        "spark-submit [spark options] --class io.github.gptoss.spark.GptOssJob gptoss-spark.jar"
            + " --input PATH --input-format FORMAT --output PATH --model DIR|demo [options]")
public final class GptOssJob implements Callable<Integer> {
  private static final int EXIT_FAULT = 1;
  private static final int EXIT_USAGE = 2;

  enum InputFormat {
    json,
    csv,
    parquet,
    delta
  }

  enum OutputMode {
    errorifexists,
    overwrite,
    append
  }

  enum Mode {
    batch,
    streaming
  }

  @Option(
      names = "--input",
      required = true,
      paramLabel = "PATH",
      description = "table of prompts: file, folder or any URI that Spark reads")
  String input;

  @Option(
      names = "--input-format",
      required = true,
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}; json is one object a line, csv has a header line")
  InputFormat inputFormat;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "PATH",
      description = "Delta table to write")
  String output;

  @Option(
      names = "--output-mode",
      paramLabel = "MODE",
      defaultValue = "errorifexists",
      description =
          "what to do with a table that exists: ${COMPLETION-CANDIDATES}; default:"
              + " ${DEFAULT-VALUE}")
  OutputMode outputMode;

  @Option(
      names = "--id-col",
      paramLabel = "COLUMN",
      description =
          "column that identifies a row; values that occur more than once are counted as"
              + " duplicates in the summary; default: id, where the table has it")
  String idCol;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "batch",
      description = "batch; streaming is not there yet")
  Mode mode;

  @Option(names = "--model", paramLabel = "DIR|demo", description = "as option model")
  String model;

  @Option(names = "--prompt-col", paramLabel = "COLUMN", description = "as option prompt_col")
  String promptCol;

  @Option(names = "--messages-col", paramLabel = "COLUMN", description = "as option messages_col")
  String messagesCol;

  @Option(
      names = "--reasoning-effort",
      paramLabel = "EFFORT",
      description = "as option reasoning_effort")
  String reasoningEffort;

  @Option(names = "--max-tokens", paramLabel = "N", description = "as option max_tokens")
  String maxTokens;

  @Option(names = "--temperature", paramLabel = "T", description = "as option temperature")
  String temperature;

  @Option(names = "--seed", paramLabel = "N", description = "as option seed")
  String seed;

  @Option(
      names = "--set",
      paramLabel = "OPTION=VALUE",
      description = "any option of the list below; may be repeated")
  List<String> set = new ArrayList<>();

  @Option(names = "--stacktrace", description = "show where an error comes from")
  boolean stacktrace;

  @Option(names = "--help", usageHelp = true, description = "show this help")
  boolean help;

  /** Runs the job and exits with its code where that is not 0. */
  public static void main(String[] args) {
    int code = run(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  static int run(String... args) {
    CommandLine commands = new CommandLine(new GptOssJob());
    commands.getCommandSpec().usageMessage().footer(JobHelp.options());
    commands.setCaseInsensitiveEnumValuesAllowed(true);
    commands.setOverwrittenOptionsAllowed(false);
    commands.setParameterExceptionHandler(
        (wrong, arguments) -> {
          commands.getErr().println("error: " + JobHelp.explain(wrong, optionNames(commands)));
          return EXIT_USAGE;
        });
    commands.setExecutionExceptionHandler(
        (failure, line, parsed) -> report(failure, line.getCommand(), commands.getErr()));
    return commands.execute(args);
  }

  private static List<String> optionNames(CommandLine commands) {
    List<String> names = new ArrayList<>();
    for (OptionSpec option : commands.getCommandSpec().options()) {
      names.addAll(List.of(option.names()));
    }
    return names;
  }

  private static int report(Exception failure, GptOssJob job, PrintWriter err) {
    if (job.stacktrace) {
      failure.printStackTrace(err);
    }
    Throwable known = JobHelp.knownCause(failure);
    err.println("error: " + JobHelp.oneLine(known == null ? failure : known));
    err.flush();
    return known instanceof GptOssException || known instanceof AnalysisException
        ? EXIT_USAGE
        : EXIT_FAULT;
  }

  @Override
  public Integer call() throws Exception {
    return new JobRun(this, options()).run();
  }

  /** What {@code --set} says. */
  private GptOssOptions set() {
    GptOssOptions options = GptOssOptions.create();
    for (String assignment : set) {
      int equals = assignment.indexOf('=');
      if (equals < 0) {
        throw JobErrors.setWithoutValue(assignment);
      }
      String option = OptionKey.of(assignment.substring(0, equals).strip()).optionName();
      if (options.toMap().containsKey(option)) {
        throw JobErrors.setAgain(option);
      }
      options = options.set(option, assignment.substring(equals + 1));
    }
    return options;
  }

  /** The arguments that are options of the connector; those not given are left to the conf. */
  private GptOssOptions options() {
    Map<String, String> flags = new LinkedHashMap<>();
    flags.put("model", model);
    flags.put("prompt_col", promptCol);
    flags.put("messages_col", messagesCol);
    flags.put("reasoning_effort", reasoningEffort);
    flags.put("max_tokens", maxTokens);
    flags.put("temperature", temperature);
    flags.put("seed", seed);
    GptOssOptions options = set();
    for (Map.Entry<String, String> flag : flags.entrySet()) {
      if (flag.getValue() != null) {
        if (options.toMap().containsKey(flag.getKey())) {
          throw JobErrors.setTwice(flag.getKey());
        }
        options = options.set(flag.getKey(), flag.getValue());
      }
    }
    return options;
  }
}
