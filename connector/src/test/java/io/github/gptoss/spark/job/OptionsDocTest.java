package io.github.gptoss.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.conf.OptionKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** docs/options.md is made from the options themselves. */
class OptionsDocTest {
  private static final Path DOCUMENT = Path.of("../docs/options.md");

  private static final String OPTIONS =
      """
      # Options

      Made from the option classes by `OptionsDocTest`, which fails where this file is not what they say.

      ## Of the connector

      An option is set, from strongest to weakest, as an argument of a SQL function, as an option of a reader or of `GptOssOptions` (and of
      `GptOssJob`, as `--option-name VALUE` or by `--set`), or in Spark's configuration as `spark.gptoss.<option>`. Snake case and camel
      case are the same. What is said to be of each row may be a column in SQL, and a parameter of a request in `request_col`.

      | option | value | default | of each row | |
      |---|---|---|---|---|
      """;

  private static final String ARGUMENTS =
      """

      ## Of GptOssJob

      `spark-submit [Spark's options] --class io.github.gptoss.spark.GptOssJob gptoss-spark.jar [arguments]`

      Besides the arguments below, every option of the connector is one: `max_tokens` is `--max-tokens N`. Needed are an input (`--input` with
      `--input-format`, or `--input-table`), an output (`--output` or `--output-table`) and a model.

      | argument | |
      |---|---|
      """;

  private static String expected() {
    StringBuilder text = new StringBuilder(OPTIONS);
    for (OptionKey key : OptionKey.values()) {
      text.append(
          "| `%s` | %s | %s | %s | %s |\n"
              .formatted(
                  key.optionName(),
                  key.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                  key.defaultValue() == null ? "" : "`" + key.defaultValue() + "`",
                  key.isPerRow() ? "yes" : "",
                  cell(key.description())));
    }
    text.append(ARGUMENTS);
    for (JobArgument argument : JobArgument.values()) {
      String value = argument.value() == null ? "" : " " + argument.value();
      text.append(
          "| `%s` | %s |\n".formatted(cell(argument.flag() + value), cell(argument.description())));
    }
    return text.toString();
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }

  @Test
  void theDocumentIsThatOfTheOptions() throws Exception {
    String expected = expected();
    Path made = Files.createDirectories(Path.of("target")).resolve("options.md");
    Files.writeString(made, expected);
    assertThat(DOCUMENT)
        .as("the text that it has to be is in connector/%s", made)
        .content()
        .isEqualTo(expected);
  }
}
