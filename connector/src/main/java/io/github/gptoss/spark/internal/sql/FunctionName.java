package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.SparkFaults;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;

/** The functions. */
enum FunctionName {
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

  /** As it is called in a session: {@code gptoss_generate}. */
  String sqlName() {
    return "gptoss_" + shortName;
  }

  /** As it is called in a catalog: {@code gptoss.generate}. */
  String shortName() {
    return shortName;
  }

  String inputName() {
    return inputName;
  }

  boolean isMessages() {
    return isMessages;
  }

  /** The option that an argument sets, in any spelling. */
  OptionKey option(String argument) {
    OptionKey key;
    try {
      key = OptionKey.of(argument);
    } catch (InvalidConfigException e) {
      throw FunctionErrors.unknownArgument(this, argument);
    }
    if (!FunctionArguments.NAMES.contains(key)) {
      throw FunctionErrors.sessionOption(this, key);
    }
    return key;
  }

  /**
   * The expression of a call with these arguments.
   *
   * @throws org.apache.spark.sql.AnalysisException if an argument, an option or the model is wrong
   */
  Expression call(List<Expression> arguments) {
    CompletionExpression completion =
        SparkFaults.analysed(() -> FunctionArguments.read(this, arguments));
    return this == TEXT ? FunctionArguments.named(completion, "response") : completion;
  }
}
