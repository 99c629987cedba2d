package io.github.gptoss.spark.internal.options;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import java.util.Collection;
import java.util.List;

/**
 * The errors of options: one line each, with the option's name, what is wrong and what is right.
 */
final class ConfErrors {
  private static final int MOST_CHARS_SHOWN = 32;

  private ConfErrors() {}

  /**
   * @param names what is listed where no name is near
   * @param near the names that may be meant
   */
  static InvalidConfigException unknownOption(String name, List<String> names, List<String> near) {
    String hint = NearestName.hint(name, near);
    return invalid(
        "unknown option '%s'%s",
        name, hint.isEmpty() ? "; the options are " + String.join(", ", names) : hint);
  }

  static InvalidConfigException notPerRow(String name, OptionKey key) {
    return invalid(
        "option %s: no column can hold %s, which is the same for all rows of a call; set %2$s"
            + " itself",
        name, key.optionName());
  }

  static InvalidConfigException givenTwice(OptionName name) {
    return invalid("option %s is given twice, in two spellings: keep one", name.text());
  }

  static InvalidConfigException notA(OptionKey key, String what, String value) {
    return outOfRange(key, shown(value), what);
  }

  /** A text that is longer than any right value may be a prompt that was put in the wrong place. */
  private static String shown(String value) {
    return value.length() <= MOST_CHARS_SHOWN
        ? "'" + value + "'"
        : "a text of " + value.length() + " characters";
  }

  static InvalidConfigException notAList(OptionKey key) {
    return invalid(
        "option %s begins with [ and is no JSON array of strings that are not empty: give such an"
            + " array, or one string in an array",
        key.optionName());
  }

  static InvalidConfigException outOfRange(OptionKey key, Object value, String allowed) {
    return invalid("option %s is %s: it must be %s", key.optionName(), value, allowed);
  }

  static InvalidConfigException unknownAdapter(String name, Collection<String> names) {
    return invalid(
        "option lora is %s, and lora_adapters has no adapter of this name%s (%s): give one of its"
            + " names, or add the adapter",
        shown(name),
        NearestName.hint(name, names),
        names.isEmpty() ? "it is not set" : "it has " + String.join(", ", names));
  }

  static InvalidConfigException voteOfOne() {
    return invalid(
        "option vote is majority, and n is 1: one sample has nothing to vote with; set n to how many"
            + " samples a row is to have, or vote to none");
  }

  static InvalidConfigException samplesOfParts() {
    return invalid(
        "option n is above 1, and overflow is map_reduce: a row that is answered part by part has one"
            + " answer; set n to 1, or overflow to error or to one of truncate_start,"
            + " truncate_middle and truncate_end");
  }

  /** The nearest is an adapter's name. */
  static InvalidConfigException mistypedAdapter(String requested, String nearest) {
    return invalid(
        "model is %s, and lora_adapters has no adapter of this name: did you mean '%s'? For the"
            + " model alone give its own name, or none",
        shown(requested), nearest);
  }

  static InvalidConfigException exclusive(OptionKey a, OptionKey b) {
    return invalid(
        "options %s and %s are both set: a row's prompt comes from one of them; leave the other"
            + " out",
        a.optionName(), b.optionName());
  }

  static InvalidConfigException speculation() {
    return invalid(
        "spark.speculation is true: a second copy of a slow task would generate its rows again and"
            + " slow the first one down, since both wait for engines that are busy; set it to"
            + " false");
  }

  static InvalidConfigException noModel() {
    return invalid(
        "no model is set: give option model (or spark.gptoss.model) the folder of a gpt-oss"
            + " checkpoint, hf://owner/name, or 'demo' for the model that is shipped");
  }

  private static InvalidConfigException invalid(String text, Object... values) {
    return new InvalidConfigException(text.formatted(values));
  }
}
