package io.github.gptoss.spark.internal.grading;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.error.NearestName;
import java.util.Collection;

/** The messages of this package. None quotes an answer or a key. */
final class GraderErrors {
  private GraderErrors() {}

  static InvalidRequestException badKey(String grader, String expected) {
    return new InvalidRequestException(
        "invalid_key",
        "the key is none that grader %s knows: it must be %s".formatted(grader, expected));
  }

  static InvalidConfigException notAGrader() {
    return new InvalidConfigException(
        "a grader is neither a name nor a JSON object: give for instance choice, or {\"type\":"
            + " \"numeric\", \"tolerance\": 0.01}");
  }

  static InvalidConfigException needsModel() {
    return new InvalidConfigException(
        "grader judge asks a model, which is not at hand here: run GptOssEval with it");
  }

  static InvalidConfigException unknown(String name, Collection<String> known) {
    String hint = NearestName.hint(name, known);
    return new InvalidConfigException(
        "there is no such grader"
            + (hint.isEmpty() ? ": give one of " + String.join(", ", known) : hint));
  }

  static InvalidConfigException unknownSetting(
      String grader, String setting, Collection<String> known) {
    String all =
        known.isEmpty() ? ": it has none" : ": its settings are " + String.join(", ", known);
    String hint = NearestName.hint(setting, known);
    return new InvalidConfigException(
        "grader %s has no such setting%s".formatted(grader, hint.isEmpty() ? all : hint));
  }

  static InvalidConfigException wrongSetting(String grader, String setting, String expected) {
    return new InvalidConfigException(
        "setting %s of grader %s is wrong: it must be %s".formatted(setting, grader, expected));
  }
}
