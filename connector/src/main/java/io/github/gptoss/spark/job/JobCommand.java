package io.github.gptoss.spark.job;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.spark.conf.OptionName;
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

/** The job's arguments, and how it ends. */
@Command(
    name = "GptOssJob",
    sortOptions = false,
    usageHelpWidth = 120,
    description = "Completes a table of prompts with a gpt-oss model and writes a Delta table.",
    customSynopsis =
        "spark-submit [spark options] --class io.github.gptoss.spark.GptOssJob gptoss-spark.jar"
            + " --input PATH --input-format FORMAT --output PATH --model DIR|demo [options]")
public final class JobCommand implements Callable<Integer> {
  private static final int EXIT_FAULT = 1;
  private static final int EXIT_USAGE = 2;
  private static final int EXIT_TOO_MANY_ERRORS = 3;

  enum InputFormat {
    json,
    csv,
    parquet,
    delta
  }

  enum OutputMode {
    resume,
    errorifexists,
    overwrite,
    append
  }

  enum JournalMode {
    on,
    off,
    keep
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
      defaultValue = "resume",
      description =
          "what to do with a table that exists: ${COMPLETION-CANDIDATES}; resume adds the rows that"
              + " a table written by this job lacks; default: ${DEFAULT-VALUE}")
  OutputMode outputMode;

  @Option(
      names = "--id-col",
      paramLabel = "COLUMN",
      description =
          "column that identifies a row, by which batch mode tells which rows are done; values that"
              + " occur more than once stay rows and are counted as duplicates in the summary;"
              + " default: id, where the table has it")
  String idCol;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description =
          "${COMPLETION-CANDIDATES}; streaming takes the rows that a Delta table has got since the"
              + " last run, batch compares ids; default: streaming where the input is Delta")
  Mode mode;

  @Option(
      names = "--checkpoint",
      paramLabel = "PATH",
      description =
          "folder of what the job keeps to go on from: checkpoint and journal; default:"
              + " OUTPUT/_gptoss")
  String checkpoint;

  @Option(
      names = "--journal",
      paramLabel = "MODE",
      defaultValue = "on",
      description =
          "${COMPLETION-CANDIDATES}: whether completions are kept in files until their table is"
              + " written, so that a run that is ended loses none; keep leaves them there; default:"
              + " ${DEFAULT-VALUE}")
  JournalMode journal;

  @Option(
      names = "--journal-seconds",
      paramLabel = "S",
      defaultValue = "3",
      description = "how long a completion may wait for the journal; default: ${DEFAULT-VALUE}")
  int journalSeconds;

  @Option(
      names = "--batch-files",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "files of the input that streaming mode completes in one commit; default:"
              + " ${DEFAULT-VALUE}")
  int batchFiles;

  @Option(
      names = "--error-threshold",
      paramLabel = "SHARE",
      description =
          "stops the job, with what was done kept, when more than this share of its rows (0 to 1)"
              + " failed")
  Double errorThreshold;

  @Option(
      names = "--error-threshold-rows",
      paramLabel = "N",
      defaultValue = "100",
      description = "rows before --error-threshold counts; default: ${DEFAULT-VALUE}")
  long errorThresholdRows;

  @Option(
      names = "--retry-errors",
      description = "completes the failed rows of the output again, instead of those of the input")
  boolean retryErrors;

  @Option(
      names = "--escalate-effort",
      description =
          "completes rows that failed, are empty or are not what response_format asks for again, at"
              + " the next reasoning effort; the effort is in column COMPLETION_effort")
  boolean escalateEffort;

  @Option(
      names = "--dry-run",
      description = "counts tokens, completes a small sample in memory, writes nothing")
  boolean dryRun;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "folder for the run's report, a page and a Markdown file; default: reports in the"
              + " checkpoint's folder")
  String report;

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

  /** Runs the job; its exit code. */
  public static int run(String... args) {
    CommandLine commands = new CommandLine(new JobCommand());
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

  /** Parsed, for a session that is there. */
  static JobRun parsed(String... args) {
    JobCommand job = CommandLine.populateCommand(new JobCommand(), args);
    return new JobRun(job, job.options());
  }

  private static List<String> optionNames(CommandLine commands) {
    List<String> names = new ArrayList<>();
    for (OptionSpec option : commands.getCommandSpec().options()) {
      names.addAll(List.of(option.names()));
    }
    return names;
  }

  private static int report(Exception failure, JobCommand job, PrintWriter err) {
    if (job.stacktrace) {
      failure.printStackTrace(err);
    }
    Throwable known = JobHelp.knownCause(failure);
    err.println("error: " + JobHelp.oneLine(known == null ? failure : known));
    err.flush();
    if (known instanceof TooManyErrorsException) {
      return EXIT_TOO_MANY_ERRORS;
    }
    return known instanceof InvalidConfigException
            || known instanceof InvalidModelException
            || known instanceof AnalysisException
        ? EXIT_USAGE
        : EXIT_FAULT;
  }

  @Override
  public Integer call() throws Exception {
    return new JobRun(this, options()).run();
  }

  /** What {@code --set} says. */
  private Map<String, String> set() {
    Map<String, String> options = new LinkedHashMap<>();
    for (String assignment : set) {
      int equals = assignment.indexOf('=');
      if (equals < 0) {
        throw JobErrors.setWithoutValue(assignment);
      }
      String option = OptionName.of(assignment.substring(0, equals).strip()).text();
      if (options.put(option, assignment.substring(equals + 1)) != null) {
        throw JobErrors.setAgain(option);
      }
    }
    return options;
  }

  /** The arguments that are options of the connector; those not given are left to the conf. */
  private Map<String, String> options() {
    Map<String, String> flags = new LinkedHashMap<>();
    flags.put("model", model);
    flags.put("prompt_col", promptCol);
    flags.put("messages_col", messagesCol);
    flags.put("reasoning_effort", reasoningEffort);
    flags.put("max_tokens", maxTokens);
    flags.put("temperature", temperature);
    flags.put("seed", seed);
    Map<String, String> options = set();
    flags.forEach(
        (flag, value) -> {
          if (value != null && options.put(flag, value) != null) {
            throw JobErrors.setTwice(flag);
          }
        });
    return options;
  }
}
