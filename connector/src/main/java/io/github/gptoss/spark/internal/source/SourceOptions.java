package io.github.gptoss.spark.internal.source;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.options.OptionName;
import io.github.gptoss.spark.internal.prompts.PromptTables;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.TableCatalog;

/**
 * Options of {@code format("gptoss")}: where the input is ({@code path} or {@code table}), how it
 * is read ({@code input_format}, and the reader's own options behind {@code input.}, for instance
 * {@code input.multiLine}), and every option of {@link OptionName}.
 *
 * @param path null where {@code table} is given
 * @param table null where {@code path} is given
 * @param format of the files at {@code path}
 * @param reader options of the input's reader
 * @param completion options of the completion, by canonical name
 */
record SourceOptions(
    String path,
    String table,
    String format,
    Map<String, String> reader,
    Map<String, String> completion) {
  static final String PATH = "path";
  static final String TABLE = "table";
  static final String INPUT_FORMAT = "input_format";

  /** How Spark passes more than one path. */
  private static final String PATHS = "paths";

  private static final String DEFAULT_FORMAT = "delta";

  /**
   * @throws InvalidConfigException if a name is unknown or the input is not said, or said twice
   */
  static SourceOptions of(Map<String, String> options) {
    Map<String, String> own = new LinkedHashMap<>();
    Map<String, String> reader = new LinkedHashMap<>();
    Map<String, String> completion = new LinkedHashMap<>();
    options.forEach(
        (name, value) -> {
          String folded = name.toLowerCase(Locale.ROOT);
          if (folded.startsWith(TableCatalog.OPTION_PREFIX)) {
            throw SourceErrors.inCatalog();
          }
          switch (folded.replace("_", "")) {
            case PATH, TABLE -> own.put(folded, value);
            case "inputformat" -> own.put(INPUT_FORMAT, value);
            case PATHS -> throw SourceErrors.severalPaths();
            default -> {
              if (folded.startsWith(PromptTables.READER_PREFIX)) {
                reader.put(name.substring(PromptTables.READER_PREFIX.length()), value);
              } else {
                completion.put(canonical(name), value);
              }
            }
          }
        });
    String path = own.get(PATH);
    String table = own.get(TABLE);
    if (path != null && table != null) {
      throw SourceErrors.pathAndTable();
    }
    if (path == null && table == null) {
      throw SourceErrors.noInput();
    }
    if (table != null && own.containsKey(INPUT_FORMAT)) {
      throw SourceErrors.formatOfTable();
    }
    String format = own.getOrDefault(INPUT_FORMAT, DEFAULT_FORMAT);
    return new SourceOptions(
        path, table, format, reader, PromptTables.withPromptSource(format, completion));
  }

  private static String canonical(String name) {
    try {
      return OptionName.of(name).text();
    } catch (InvalidConfigException e) {
      throw SourceErrors.unknownOption(name, e);
    }
  }

  /** What is read, for plans. */
  String inputName() {
    return table == null ? format + " " + path : table;
  }
}
