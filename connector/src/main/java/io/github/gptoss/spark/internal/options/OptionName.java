package io.github.gptoss.spark.internal.options;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How an option is set by name: itself, or by the column that holds each row's own value of it,
 * which is named {@code <option>_col}. Snake case, camel case and any other case are the same, and
 * so are the names that other software gives an option.
 *
 * @param isColumn whether the value names a column
 */
public record OptionName(OptionKey key, boolean isColumn) {
  private static final String COLUMN_SUFFIX = "_col";

  private static final Map<String, OptionName> BY_FOLDED_NAME = byFoldedName();

  private static Map<String, OptionName> byFoldedName() {
    Map<String, OptionName> names = new HashMap<>();
    for (OptionKey key : OptionKey.values()) {
      for (String name : key.spellings()) {
        put(names, name, new OptionName(key, false));
        if (key.isPerRow()) {
          put(names, name + COLUMN_SUFFIX, new OptionName(key, true));
        }
      }
    }
    return Map.copyOf(names);
  }

  private static void put(Map<String, OptionName> names, String name, OptionName option) {
    if (names.put(fold(name), option) != null) {
      throw new IllegalStateException("two options are named " + name);
    }
  }

  /**
   * Reads a name.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if there is no such option (names
   *     the nearest), or a column is named for an option that is not each row's
   */
  public static OptionName of(String name) {
    String folded = fold(name);
    OptionName option = BY_FOLDED_NAME.get(folded);
    if (option != null) {
      return option;
    }
    String suffix = fold(COLUMN_SUFFIX);
    if (folded.endsWith(suffix)) {
      OptionName plain = BY_FOLDED_NAME.get(folded.substring(0, folded.length() - suffix.length()));
      if (plain != null && !plain.isColumn) {
        throw ConfErrors.notPerRow(name, plain.key);
      }
    }
    throw ConfErrors.unknownOption(name, OptionKey.names(), all());
  }

  /** The canonical name, in snake case. */
  public String text() {
    return key.optionName() + (isColumn ? COLUMN_SUFFIX : "");
  }

  /** Canonical names of all options, those of columns last. */
  public static List<String> all() {
    List<String> names = new ArrayList<>(OptionKey.names());
    Arrays.stream(OptionKey.values())
        .filter(OptionKey::isPerRow)
        .map(key -> new OptionName(key, true).text())
        .forEach(names::add);
    return names;
  }

  static String fold(String name) {
    return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
  }
}
