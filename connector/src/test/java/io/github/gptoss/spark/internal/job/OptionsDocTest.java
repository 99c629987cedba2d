package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.Generated;
import io.github.gptoss.spark.internal.eval.EvalProgram;
import io.github.gptoss.spark.internal.options.OptionsTable;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/options.md is made from the options themselves. */
class OptionsDocTest {
  private static final Path DOCUMENT = Path.of("../docs/options.md");

  private static final String OPTIONS =
      """
      # Options

      ## Of the connector

      An option is set, from strongest to weakest, as an argument of a SQL function, as an option of a reader or of `GptOssOptions` (and of
      `GptOssJob`, as `--option-name VALUE` or by `--set`), or in Spark's configuration as `spark.gptoss.<option>`. Snake case and camel case are the same.

      - **executor**: an executor has one engine, so these must agree among all that run at a time. Only `model` is also an argument of a call.
      - **table**: for `GptOss.complete`, `format("gptoss")` and `GptOssJob`, whose input is a table. The SQL functions have none.
      - **call**: a constant in SQL.
      - **row**: each row may have its own. In SQL the argument may be a column. Where the input is a table, option `<option>_col` names a
        column with each row's own value, for instance `temperature_col=temp`; a null leaves the row with the call's value. A request's own
        parameters (`request_col`) are stronger than such a column, and such a column is stronger than the option. A wrong value in a row is
        that row's error; a wrong name or type of a column fails the query before it runs.

      Columns are named as Spark names them: `order.body` is a field, and a name with dots of its own is in backquotes, `` `x.y`.z ``.

      OpenAI's fields are those that set the option in a request of a batch file. A dot leads into an object.

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

  private static final String EVALUATION =
      """

      ## Of GptOssEval

      `spark-submit [Spark's options] --class io.github.gptoss.spark.GptOssEval gptoss-spark.jar [arguments]`

      Besides the arguments below ([what they are for](evaluation.md)), it takes those of GptOssJob but `--mode` and `--batch-files`, and every option
      of the connector.

      | argument | |
      |---|---|
      """;

  private static final String MAKING =
      """

      Made from the classes of the options by `OptionsDocTest`, which fails where this file is not what they say, and writes it with
      `mvn -pl connector -am test -Dtest=OptionsDocTest -Dsurefire.failIfNoSpecifiedTests=false -Dregenerate=true`.
      """;

  private static String expected() {
    StringBuilder text = new StringBuilder(OPTIONS).append(OptionsTable.markdown());
    text.append(ARGUMENTS);
    JobCommand.JOB.arguments().forEach(argument -> add(text, argument));
    text.append(EVALUATION);
    new EvalProgram()
        .arguments().stream()
            .filter(argument -> !(argument instanceof JobArgument))
            .forEach(argument -> add(text, argument));
    return text.append(MAKING).toString();
  }

  private static void add(StringBuilder text, Argument argument) {
    String value = argument.value() == null ? "" : " " + argument.value();
    text.append(
        "| `%s` | %s |\n".formatted(cell(argument.flag() + value), cell(argument.description())));
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }

  @Test
  void theDocumentIsThatOfTheOptions() throws Exception {
    Generated.assertIs(DOCUMENT, expected());
  }
}
