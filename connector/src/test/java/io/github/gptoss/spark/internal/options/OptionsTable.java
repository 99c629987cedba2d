package io.github.gptoss.spark.internal.options;

import io.github.gptoss.engine.error.InvalidConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The option table as documentation. */
public final class OptionsTable {
  private static final Pattern ALLOWED = Pattern.compile("it must be ([^,]+)");

  private OptionsTable() {}

  /** A Markdown table of all options. */
  public static String markdown() {
    StringBuilder text =
        new StringBuilder(
            "| option | | value | default | one for each | OpenAI's fields |\n|---|---|---|---|---|---|\n");
    for (OptionKey key : OptionKey.values()) {
      text.append(
          "| `%s` | %s | %s | %s | %s | %s |\n"
              .formatted(
                  key.optionName(),
                  cell(key.description() + otherNames(key)),
                  cell(value(key)),
                  key.defaultValue() == null ? "" : "`" + key.defaultValue() + "`",
                  scope(key),
                  fields(key)));
    }
    return text.toString();
  }

  private static String value(OptionKey key) {
    String kind = key.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    kind = kind.replace("json", "JSON");
    if (key == OptionKey.RESPONSE_FORMAT) {
      kind += " or Spark type";
    }
    // Words are in the description, with their meanings.
    String allowed = key.kind().isText() ? "" : allowed(key);
    return allowed.isEmpty() ? kind : kind + ", " + allowed;
  }

  /** Where the range is the engine's, the engine says it: asked for a value that none takes. */
  private static String allowed(OptionKey key) {
    if (key.scope() != OptionKey.Scope.ENGINE || key.kind() == OptionKey.Kind.BOOLEAN) {
      return key.allowedValues();
    }
    try {
      OptionValues.resolve(Map.of("model", "demo", key.optionName(), "-9"), Map.of());
    } catch (InvalidConfigException e) {
      Matcher allowed = ALLOWED.matcher(e.getMessage());
      return allowed.find() && key.kind() != OptionKey.Kind.BYTES ? allowed.group(1) : "";
    }
    throw new IllegalStateException(key + " takes -9");
  }

  private static String scope(OptionKey key) {
    return switch (key.scope()) {
      case MODEL, ENGINE -> "executor";
      case TABLE -> "table";
      case CALL -> "call";
      case ROW -> "row";
    };
  }

  private static String fields(OptionKey key) {
    TreeSet<String> fields = new TreeSet<>();
    for (OptionKey.Endpoint endpoint : OptionKey.Endpoint.values()) {
      key.bodyFields(endpoint).forEach(field -> fields.add("`" + field + "`"));
    }
    return String.join(", ", fields);
  }

  private static String otherNames(OptionKey key) {
    List<String> others = new ArrayList<>(key.spellings());
    others.remove(key.optionName());
    return others.isEmpty() ? "" : ". Also named " + String.join(", ", others);
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
