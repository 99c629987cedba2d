package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.SparkFaults;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.types.DataType;

/** The functions that complete what they are given. */
enum FunctionName implements SqlFunction {
  GENERATE("generate", "prompt", false),
  CHAT("chat", "messages", true),
  TEXT("text", "prompt", false);

  private final String shortName;
  private final String inputName;
  private final boolean isMessages;

  FunctionName(String shortName, String inputName, boolean isMessages) {
    this.shortName = shortName;
    this.inputName = inputName;
    this.isMessages = isMessages;
  }

  @Override
  public String shortName() {
    return shortName;
  }

  @Override
  public String usage() {
    return inputName;
  }

  String inputName() {
    return inputName;
  }

  boolean isMessages() {
    return isMessages;
  }

  @Override
  public List<OptionKey> options() {
    return OptionArguments.NAMES;
  }

  @Override
  public List<String> argumentNames() {
    return List.of();
  }

  @Override
  public ExpressionInfo help() {
    return FunctionHelp.of(this);
  }

  @Override
  public Expression call(List<Expression> arguments) {
    return call(arguments, false);
  }

  @Override
  public Expression callInCatalog(List<Expression> arguments) {
    return call(arguments, true);
  }

  private Expression call(List<Expression> arguments, boolean isOfCatalog) {
    CompletionExpression completion =
        SparkFaults.analysed(() -> FunctionArguments.read(this, arguments, isOfCatalog));
    return this == TEXT ? ArgumentValues.named(completion, "response") : completion;
  }

  @Override
  public CatalogFunction bind(List<DataType> types) {
    return CatalogFunction.rowwise(this, types);
  }
}
