package io.github.gptoss.engine.cli;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.json.UntrustedText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The messages of this package. */
final class CliErrors {
  private static final String INVALID_JSON = "invalid_json";
  private static final String INVALID_PARAMETER = "invalid_parameter";
  private static final Pattern LINE_BREAKS = Pattern.compile("\\s*\\R\\s*");

  private CliErrors() {}

  static String oneLine(String message) {
    return LINE_BREAKS.matcher(String.valueOf(message).strip()).replaceAll(" ");
  }

  /** What is wrong with a call, and where to read more. */
  static String usage(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName(" ");
    return command + ": " + oneLine(e.getMessage()) + nearest(e) + "; see " + command + " --help";
  }

  private static String nearest(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) {
        return ", did you mean " + suggestions.get(0) + "?";
      }
    }
    return "";
  }

  static String fault(Throwable e) {
    String hint =
        e instanceof OutOfMemoryError
            ? "give the JVM more heap with GPTOSS_JAVA_OPTS=-Xmx..., or fewer or shorter requests"
            : "--stacktrace shows where; please report it";
    return "gptoss failed: "
        + e.getClass().getSimpleName()
        + (e.getMessage() == null ? "" : ": " + oneLine(e.getMessage()))
        + "; "
        + hint;
  }

  static InvalidRequestException notJson(String place) {
    return new InvalidRequestException(
        INVALID_JSON, "the line is not valid JSON" + place + ": give one JSON object a line");
  }

  static InvalidRequestException notUtf8() {
    return new InvalidRequestException(
        INVALID_JSON, "the line is not UTF-8: write the input in that encoding");
  }

  static InvalidRequestException notAnObject(String actual) {
    return new InvalidRequestException(
        INVALID_JSON, "the line holds " + actual + ": give one JSON object a line");
  }

  static InvalidRequestException lineTooLong(long maxBytes) {
    return new InvalidRequestException(
        INVALID_JSON, "the line is longer than " + maxBytes + " bytes: no request is that long");
  }

  static InvalidRequestException unknownKey(String where, String key, Collection<String> known) {
    String advice =
        NearestName.of(key, known)
            .map(name -> "did you mean " + name + "?")
            .orElseGet(
                () ->
                    new TreeSet<>(known)
                        .stream().collect(Collectors.joining(", ", "the keys are ", "")));
    return new InvalidRequestException(
        INVALID_PARAMETER, where + "unknown key " + UntrustedText.quote(key) + ": " + advice);
  }

  /**
   * @param actual what stands there, without its value: that may be confidential
   */
  static InvalidRequestException wrongType(String where, String actual, String expected) {
    return new InvalidRequestException(
        INVALID_PARAMETER, where + " is " + actual + ": it must be " + expected);
  }

  static InvalidRequestException conflict(String problem) {
    return new InvalidRequestException(INVALID_PARAMETER, problem);
  }

  static InvalidRequestException nullPrompt() {
    return new InvalidRequestException(
        "null_prompt", "the prompt is null: give a text, or filter such lines out");
  }

  static InvalidRequestException unusableLogits() {
    return new InvalidRequestException(
        INVALID_PARAMETER,
        "logits hold NaN, or nothing above -infinity: nothing can be drawn from them");
  }

  static InvalidRequestException tooManyLogits(int length, int most) {
    return new InvalidRequestException(
        INVALID_PARAMETER, "logits hold " + length + " values: give 1 to " + most);
  }

  static InvalidRequestException textNeedsVocabulary(int vocabSize) {
    return new InvalidRequestException(
        "unsupported_vocabulary",
        "messages and text need the o200k_harmony vocabulary of 201088 ids, and this checkpoint has "
            + vocabSize
            + ": give raw token ids, or a gpt-oss checkpoint");
  }

  static InvalidRequestException emptyTokens() {
    return new InvalidRequestException(
        "invalid_prompt", "the prompt has no tokens: give at least one");
  }

  static InvalidRequestException tokenOutsideVocabulary(int token, int vocabSize) {
    return new InvalidRequestException(
        "invalid_token",
        "the prompt has token id "
            + token
            + ", but the model's vocabulary ends at "
            + (vocabSize - 1)
            + ": give ids of this model's tokenizer");
  }

  static InvalidRequestException tooManyTokens(int tokens, int maxModelLen) {
    return new InvalidRequestException(
        "context_length_exceeded",
        "the prompt has "
            + tokens
            + " tokens, and the context of "
            + maxModelLen
            + " must hold it and at least one new token: shorten the prompt, or raise"
            + " --max-model-len or --kv-cache-bytes if they limit the context");
  }

  static InvalidConfigException noModel() {
    return new InvalidConfigException(
        "no model is set: give --model with the folder of a gpt-oss checkpoint, or demo for the"
            + " model that is shipped");
  }

  static InvalidConfigException badOption(String option, String problem) {
    return new InvalidConfigException(option + " " + problem);
  }

  static InvalidConfigException cannotWrite(Path file, String reason) {
    return new InvalidConfigException(
        UntrustedText.oneLine(file)
            + ": cannot be written: "
            + reason
            + ". Give --output a file in a folder that exists and is writable.");
  }

  static String reason(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : oneLine(message);
  }
}
