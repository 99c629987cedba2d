package io.github.gptoss.spark.internal.source;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.spark.internal.prompts.PromptTables;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/** Errors of {@code format("gptoss")}'s own options. */
final class SourceErrors {
  private SourceErrors() {}

  /**
   * @param unknown what the connector's options say, which may know a near name
   */
  static InvalidConfigException unknownOption(String name, InvalidConfigException unknown) {
    String hint =
        NearestName.hint(
            name, List.of(SourceOptions.PATH, SourceOptions.TABLE, SourceOptions.INPUT_FORMAT));
    return hint.isEmpty()
        ? new InvalidConfigException(
            unknown.getMessage()
                + "; options of the input's reader are written '"
                + PromptTables.READER_PREFIX
                + "<option>'",
            unknown)
        : new InvalidConfigException("unknown option '" + name + "'" + hint, unknown);
  }

  static InvalidConfigException noInput() {
    return new InvalidConfigException(
        "format gptoss has no input: give load(path) and option input_format, or option table");
  }

  static InvalidConfigException pathAndTable() {
    return new InvalidConfigException(
        "options path and table are both set: the input is one of them; leave the other out");
  }

  static InvalidConfigException inCatalog() {
    return new InvalidConfigException(
        "format gptoss is no table of a catalog, since each query of it would generate again:"
            + " write CREATE TEMPORARY VIEW ... USING gptoss OPTIONS (...)");
  }

  static InvalidConfigException severalPaths() {
    return new InvalidConfigException(
        "format gptoss reads one path: give their folder, or a pattern such as data/2026-*");
  }

  static InvalidConfigException formatOfTable() {
    return new InvalidConfigException(
        "option input_format is set for a table, which knows its own format: leave it out");
  }

  static InvalidConfigException otherColumns(StructType right) {
    return new InvalidConfigException(
        "format gptoss takes its columns from its input, and they are not those that were given:"
            + " leave the schema out, or give "
            + right.toDDL());
  }

  static InvalidConfigException readOnly() {
    return new InvalidConfigException(
        "format gptoss is read-only, since completions are read from it: write them with another"
            + " format, for instance .write().format(\"delta\")");
  }
}
