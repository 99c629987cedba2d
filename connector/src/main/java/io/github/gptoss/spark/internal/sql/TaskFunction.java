package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.completions.CompletionSchema;
import io.github.gptoss.spark.internal.options.CallException;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.tasks.Task;
import io.github.gptoss.spark.internal.tasks.TaskForms;
import io.github.gptoss.spark.internal.tasks.TaskParameter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * A task as a function: a prompt and a form over a completion.
 *
 * @param isDetail whether it gives the whole completion rather than what the task makes of it
 */
record TaskFunction(Task task, boolean isDetail) implements SqlFunction {
  private static final long serialVersionUID = 1L;

  static List<TaskFunction> all() {
    return Arrays.stream(Task.values())
        .flatMap(task -> Stream.of(new TaskFunction(task, false), new TaskFunction(task, true)))
        .toList();
  }

  @Override
  public String shortName() {
    return task.shortName() + (isDetail ? "_detail" : "");
  }

  @Override
  public String usage() {
    List<String> names = argumentNames();
    int required = task.required().size();
    String more =
        Stream.concat(names.stream().skip(required), Stream.of("name => value, ..."))
            .map(name -> " [, " + name + "]")
            .collect(Collectors.joining());
    return String.join(", ", names.subList(0, required)) + more;
  }

  @Override
  public List<OptionKey> options() {
    return Stream.concat(OptionArguments.NAMES.stream(), Stream.of(OptionKey.TASK_PROMPT))
        .filter(key -> !TaskForms.OPTIONS.contains(key))
        // What the others make of an answer needs it in its own type.
        .filter(key -> key != OptionKey.PARSED_TYPE || task == Task.EXTRACT)
        .toList();
  }

  @Override
  public List<String> argumentNames() {
    return task.parameters().stream().map(TaskParameter::argumentName).toList();
  }

  @Override
  public ExpressionInfo help() {
    return FunctionHelp.of(this);
  }

  @Override
  public Expression call(List<Expression> arguments) {
    return SparkFaults.analysed(() -> TaskArguments.read(this, arguments, false));
  }

  @Override
  public Expression callInCatalog(List<Expression> arguments) {
    return call(arguments);
  }

  @Override
  public CatalogFunction bind(List<DataType> types) {
    DataType type =
        SparkFaults.analysed(
                () -> TaskArguments.read(this, CatalogFunction.references(types), true))
            .dataType();
    return new CatalogFunction(this, types, type, null);
  }

  /** Why a catalog's function cannot be called as it is: its schema is not in a type. */
  CallException schemaByValue() {
    return FunctionErrors.typeByValue(
        this,
        TaskParameter.SCHEMA.argumentName(),
        "give it as the type of a null, CAST(NULL AS STRUCT<product: STRING, cents: INT>)");
  }

  /** The same of a call whose values give it another type than its arguments' types said. */
  CallException typeByValue(DataType bound, DataType called) {
    if (isDetail && hasTokens(bound) != hasTokens(called)) {
      return byOption(OptionKey.INCLUDE_TOKENS);
    }
    return switch (task) {
      case EXTRACT -> byOption(OptionKey.PARSED_TYPE);
      case SENTIMENT -> byArgument(TaskParameter.ASPECTS);
      default -> byArgument(TaskParameter.MULTI_LABEL);
    };
  }

  private static boolean hasTokens(DataType completion) {
    return ((StructType) completion).length() == CompletionSchema.completion(true).length();
  }

  private CallException byOption(OptionKey key) {
    return FunctionErrors.typeByValue(
        this,
        key.optionName(),
        "set " + OptionKey.CONF_PREFIX + key.optionName() + ", or call " + sqlName());
  }

  private CallException byArgument(TaskParameter argument) {
    return FunctionErrors.typeByValue(this, argument.argumentName(), "call " + sqlName());
  }
}
