package io.github.gptoss.cli;

import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.engine.json.UntrustedText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The messages of this package. */
final class CliErrors {
  private static final String INVALID_JSON = "invalid_json";
  private static final String INVALID_PARAMETER = "invalid_parameter";
  private static final Pattern LINE_BREAKS = Pattern.compile("\\s*\\R\\s*");

  private static final Pattern COMMAND = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,30}");
  private static final Pattern OPTION = Pattern.compile("(--?[A-Za-z][A-Za-z0-9-]{0,40})(=.*)?");

  private CliErrors() {}

  static String oneLine(String message) {
    return LINE_BREAKS.matcher(String.valueOf(message).strip()).replaceAll(" ");
  }

  /** What is wrong with a call, and where to read more. */
  static String usage(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName(" ");
    String problem =
        e instanceof UnmatchedArgumentException unmatched
            ? unmatched(unmatched)
            : oneLine(e.getMessage());
    return command + ": " + problem + "; see " + command + " --help";
  }

  /** Names what looks like a name, and nothing else: arguments are prompts. */
  private static String unmatched(UnmatchedArgumentException e) {
    String first = e.getUnmatched().get(0);
    Set<String> commands = e.getCommandLine().getSubcommands().keySet();
    if (e.isUnknownOption()) {
      Matcher option = OPTION.matcher(first);
      return option.matches()
          ? "unknown option " + option.group(1) + nearest(e.getSuggestions().stream().findFirst())
          : "unknown option: write -- before a text that begins with a dash";
    }
    if (commands.isEmpty()) {
      return e.getCommandLine().getCommandSpec().positionalParameters().stream()
          .findFirst()
          .map(p -> "an argument is no " + p.paramLabel())
          .orElse("takes options only, no other arguments");
    }
    return COMMAND.matcher(first).matches()
        ? "unknown command " + first + nearest(NearestName.of(first, commands))
        : "unknown command: give one of " + String.join(", ", commands);
  }

  private static String nearest(Optional<String> name) {
    return name.map(n -> ", did you mean " + n + "?").orElse("");
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

  static InvalidRequestException beyondJsonLimits() {
    return new InvalidRequestException(
        INVALID_JSON, "the line " + ConstraintSpec.BEYOND_JSON_LIMITS);
  }

  static InvalidRequestException duplicateKey(String key) {
    return new InvalidRequestException(
        INVALID_JSON, "key " + UntrustedText.quote(key) + " occurs twice: give each key once");
  }

  static InvalidRequestException notUtf8() {
    return new InvalidRequestException(
        INVALID_JSON, "the line is not UTF-8: write the input in that encoding");
  }

  static InvalidConfigException inputNotUtf8(String name) {
    return badOption(name, "on standard input is not UTF-8: write it in that encoding");
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

  /** Raw tokens have no channels, so no answer that could have a form. */
  static InvalidRequestException needsConversation(String key) {
    boolean isForm = key.equals("response_format") || key.equals("structured_outputs");
    return new InvalidRequestException(
        isForm ? ConstraintException.Code.INVALID_REQUEST.text() : INVALID_PARAMETER,
        key + " needs a conversation, and tokens are raw: leave it out or give messages");
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
