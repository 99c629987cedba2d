package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionName;
import io.github.gptoss.spark.internal.prompts.PromptTables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads the command line: arguments of a program, and every option of the connector as one. */
public final class JobArguments {
  /** Options of the connector by their flags. */
  private static final Map<String, String> OPTIONS = new LinkedHashMap<>();

  static {
    OptionName.all().forEach(option -> OPTIONS.put(Argument.flag(option), option));
  }

  private static final Pattern NAME = Pattern.compile("--?[A-Za-z_-]{1,40}");

  private final Map<String, Argument> known = new LinkedHashMap<>();
  private final Map<Argument, String> own = new HashMap<>();
  private final Map<String, String> options = new LinkedHashMap<>();
  private final Map<String, String> set = new LinkedHashMap<>();
  private final Map<String, String> reader = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  private JobArguments(List<? extends Argument> known) {
    known.forEach(argument -> this.known.put(argument.flag(), argument));
  }

  /** Reads the arguments of the job, on the terms of the other method. */
  static JobArguments parse(String... args) {
    return parse(List.of(JobArgument.values()), args);
  }

  /**
   * Reads arguments, each {@code --name VALUE} or {@code --name=VALUE}.
   *
   * @param known arguments of the program
   * @throws InvalidConfigException if one of them is unknown, has no value or is given twice
   */
  public static JobArguments parse(List<? extends Argument> known, String... args) {
    JobArguments arguments = new JobArguments(known);
    for (int i = 0; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      String flag = equals < 0 ? args[i] : args[i].substring(0, equals);
      if (!NAME.matcher(flag).matches()) {
        throw ArgumentErrors.belongsToNoOption(i + 1);
      }
      String value = equals < 0 ? null : args[i].substring(equals + 1);
      String label = arguments.label(flag);
      if (label != null && value == null) {
        if (i + 1 == args.length || arguments.isKnown(args[i + 1])) {
          throw ArgumentErrors.withoutValue(flag, label);
        }
        value = args[++i];
      }
      arguments.put(flag, value);
    }
    return arguments;
  }

  /** What the value of an argument stands for; null where it takes none. */
  private String label(String flag) {
    if (!isKnown(flag)) {
      List<String> flags = new ArrayList<>(known.keySet());
      flags.addAll(OPTIONS.keySet());
      throw ArgumentErrors.unknownArgument(flag, NearestName.hint(flag, flags));
    }
    Argument argument = known.get(flag);
    return argument == null ? "VALUE" : argument.value();
  }

  private boolean isKnown(String flag) {
    return known.containsKey(flag) || OPTIONS.containsKey(flag);
  }

  private void put(String flag, String value) {
    Argument argument = known.get(flag);
    if (argument == JobArgument.SET) {
      set(value);
      return;
    }
    String before;
    if (argument == null) {
      before = options.put(OPTIONS.get(flag), value);
    } else {
      before = own.put(argument, argument.value() == null ? trueOrFalse(flag, value) : value);
    }
    if (before != null) {
      throw ArgumentErrors.givenTwice(flag);
    }
  }

  private static String trueOrFalse(String flag, String value) {
    String given = value == null ? "true" : value.toLowerCase(Locale.ROOT);
    if (given.equals("true") || given.equals("false")) {
      return given;
    }
    throw ArgumentErrors.notA(flag, "true or false", value);
  }

  private void set(String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 0) {
      throw ArgumentErrors.setWithoutValue(assignment);
    }
    String name = assignment.substring(0, equals).strip();
    String value = assignment.substring(equals + 1);
    boolean isReaders = name.toLowerCase(Locale.ROOT).startsWith(PromptTables.READER_PREFIX);
    String before =
        isReaders
            ? reader.put(name.substring(PromptTables.READER_PREFIX.length()), value)
            : set.put(OptionName.of(name).text(), value);
    if (before != null) {
      throw ArgumentErrors.setAgain(isReaders ? name : OptionName.of(name).text());
    }
  }

  public boolean isGiven(Argument argument) {
    return Boolean.parseBoolean(own.get(argument));
  }

  /** What was given; null if nothing. */
  public String text(Argument argument) {
    return own.get(argument);
  }

  /**
   * What the job is to do.
   *
   * @throws InvalidConfigException if an argument is missing, or its value is none that it takes
   */
  public JobSpec spec() {
    return new JobSpec(
        input(),
        output(),
        own.get(JobArgument.ID_COL),
        choice(JobArgument.MODE, JobSpec.Mode.class, null),
        choice(JobArgument.ON_CHANGE, JobSpec.OnChange.class, null),
        (int) number(JobArgument.BATCH_FILES, 1000, Integer.MAX_VALUE),
        new JobSpec.Journal(
            choice(JobArgument.JOURNAL, JobSpec.JournalMode.class, JobSpec.JournalMode.ON),
            (int) number(JobArgument.JOURNAL_SECONDS, 3, Integer.MAX_VALUE)),
        new JobSpec.ErrorAllowance(
            share(JobArgument.ERROR_THRESHOLD),
            number(JobArgument.ERROR_THRESHOLD_ROWS, 100, Long.MAX_VALUE)),
        isGiven(JobArgument.RETRY_ERRORS),
        isGiven(JobArgument.DRY_RUN),
        own.get(JobArgument.REPORT),
        RowSteps.NONE,
        options());
  }

  private JobSpec.Input input() {
    String path = own.get(JobArgument.INPUT);
    String table = own.get(JobArgument.INPUT_TABLE);
    String format = own.get(JobArgument.INPUT_FORMAT);
    if (table != null && (path != null || format != null)) {
      throw ArgumentErrors.exclusive(
          JobArgument.INPUT_TABLE, path != null ? JobArgument.INPUT : JobArgument.INPUT_FORMAT);
    }
    // A source such as jdbc says by the reader's options where its table is.
    if (table == null && path == null && (format == null || reader.isEmpty())) {
      throw ArgumentErrors.missing(JobArgument.INPUT, JobArgument.INPUT_TABLE);
    }
    if (table == null && format == null) {
      throw ArgumentErrors.missing(JobArgument.INPUT_FORMAT);
    }
    return new JobSpec.Input(
        format == null ? null : format.strip(), path, table, new LinkedHashMap<>(reader));
  }

  private JobSpec.Output output() {
    String path = own.get(JobArgument.OUTPUT);
    String table = own.get(JobArgument.OUTPUT_TABLE);
    if (path != null && table != null) {
      throw ArgumentErrors.exclusive(JobArgument.OUTPUT, JobArgument.OUTPUT_TABLE);
    }
    if (path == null && table == null) {
      throw ArgumentErrors.missing(JobArgument.OUTPUT, JobArgument.OUTPUT_TABLE);
    }
    return new JobSpec.Output(
        path,
        table,
        choice(JobArgument.OUTPUT_MODE, JobSpec.OutputMode.class, JobSpec.OutputMode.RESUME),
        own.get(JobArgument.CHECKPOINT));
  }

  /** The options of the connector; those not given are left to the configuration. */
  private Map<String, String> options() {
    Map<String, String> all = new LinkedHashMap<>(set);
    options.forEach(
        (option, value) -> {
          if (all.put(option, value) != null) {
            throw ArgumentErrors.setTwice(option);
          }
        });
    if (isGiven(JobArgument.ESCALATE_EFFORT)) {
      all.put(OptionKey.ESCALATE_EFFORT.optionName(), "true");
    }
    return all;
  }

  /**
   * One of several values.
   *
   * @throws InvalidConfigException if it is another
   */
  public <E extends Enum<E>> E choice(Argument argument, Class<E> type, E whenUnset) {
    String value = own.get(argument);
    if (value == null) {
      return whenUnset;
    }
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = JobSpec.text(constant);
      if (name.equalsIgnoreCase(value.strip())) {
        return constant;
      }
      names.add(name);
    }
    throw ArgumentErrors.notOneOf(argument.flag(), names, value);
  }

  /**
   * A whole number.
   *
   * @throws InvalidConfigException if it is none, or more than {@code most}
   */
  public long number(Argument argument, long whenUnset, long most) {
    String value = own.get(argument);
    try {
      long number = value == null ? whenUnset : Long.parseLong(value.strip());
      if (number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw ArgumentErrors.notA(argument.flag(), "a whole number", value);
  }

  /**
   * A number; null where it is not given.
   *
   * @throws InvalidConfigException if it is none
   */
  public Double share(Argument argument) {
    String value = own.get(argument);
    try {
      return value == null ? null : Double.valueOf(value.strip());
    } catch (NumberFormatException e) {
      throw ArgumentErrors.notA(argument.flag(), "a number", value);
    }
  }
}
