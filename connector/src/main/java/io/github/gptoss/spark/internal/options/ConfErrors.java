package io.github.gptoss.spark.internal.options;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
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
    return new InvalidConfigException(
        "unknown option '"
            + name
            + "'"
            + (hint.isEmpty() ? "; the options are " + String.join(", ", names) : hint));
  }

  static InvalidConfigException notPerRow(String name, OptionKey key) {
    return new InvalidConfigException(
        "option "
            + name
            + ": no column can hold "
            + key.optionName()
            + ", which is the same for all rows of a call; set "
            + key.optionName()
            + " itself");
  }

  static InvalidConfigException givenTwice(OptionName name) {
    return new InvalidConfigException(
        "option " + name.text() + " is given twice, in two spellings: keep one");
  }

  static InvalidConfigException notA(OptionKey key, String what, String value) {
    // A text that is longer than any right value may be a prompt that was put in the wrong place.
    String shown =
        value.length() <= MOST_CHARS_SHOWN
            ? "'" + value + "'"
            : "a text of " + value.length() + " characters";
    return new InvalidConfigException(
        "option " + key.optionName() + " is " + shown + ": it must be " + what);
  }

  static InvalidConfigException notAList(OptionKey key) {
    return new InvalidConfigException(
        "option "
            + key.optionName()
            + " begins with [ and is no JSON array of strings that are not empty: give such an"
            + " array, or one string in an array");
  }

  static InvalidConfigException outOfRange(OptionKey key, Object value, String allowed) {
    return new InvalidConfigException(
        "option " + key.optionName() + " is " + value + ": it must be " + allowed);
  }

  static InvalidConfigException exclusive(OptionKey a, OptionKey b) {
    return new InvalidConfigException(
        "options "
            + a.optionName()
            + " and "
            + b.optionName()
            + " are both set: a row's prompt comes from one of them; leave the other out");
  }

  static InvalidConfigException speculation() {
    return new InvalidConfigException(
        "spark.speculation is true: a second copy of a slow task would generate its rows again and"
            + " slow the first one down, since both wait for engines that are busy; set it to false");
  }

  static InvalidConfigException noModel() {
    return new InvalidConfigException(
        "no model is set: give option model (or spark.gptoss.model) the folder of a gpt-oss"
            + " checkpoint, hf://owner/name, or 'demo' for the model that is shipped");
  }
}
