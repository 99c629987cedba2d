package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.parsed.AnswerForm;
import io.github.gptoss.spark.internal.prompts.RequestSchema;
import io.github.gptoss.spark.internal.prompts.TextForm;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.Concat;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;

/**
 * The arguments of a call that are options. Constants are checked at once, as part of the call's
 * options; what differs from row to row stays an expression and is checked with its row.
 */
final class OptionArguments {
  /** The options that a call of any function may set, in the order of the documentation. */
  static final List<OptionKey> NAMES =
      Arrays.stream(OptionKey.values())
          .filter(key -> key.isArgument() && key != OptionKey.TASK_PROMPT)
          .toList();

  private final SqlFunction function;
  private final boolean isTypeOnly;
  private final Map<OptionKey, String> constants = new EnumMap<>(OptionKey.class);
  private final Map<OptionKey, Expression> perRow = new EnumMap<>(OptionKey.class);

  /** Whether the form of the answer is not known when the type of the result is. */
  private boolean isFormUnknown;

  /**
   * @param isTypeOnly whether only the type of the result is asked for, so that values which have
   *     to be constants need not be known
   */
  OptionArguments(SqlFunction function, boolean isTypeOnly) {
    this.function = function;
    this.isTypeOnly = isTypeOnly;
  }

  /**
   * Sets an option.
   *
   * @param name in any spelling
   * @throws InvalidConfigException if the function has no such option, it is set already, or the
   *     value's type is wrong
   */
  void set(String name, Expression argument) {
    OptionKey key = option(name);
    Expression value = ArgumentValues.plain(argument);
    if (constants.containsKey(key) || perRow.containsKey(key)) {
      throw FunctionErrors.givenTwice(function, key.optionName());
    }
    Expression text = text(key, value);
    if (ArgumentValues.isConstant(value)) {
      String constant =
          ArgumentValues.constant(TextForm.isStrings(value.dataType()) ? value : text);
      if (constant != null) {
        constants.put(key, constant);
      }
    } else if (key.isPerRow()) {
      perRow.put(key, text);
    } else if (!isTypeOnly) {
      throw FunctionErrors.notConstant(function, key.optionName(), value);
    }
  }

  /** Says that the type of the result is made without the value of this option. */
  void setTypeUnknown(String name) {
    isFormUnknown |= AnswerForm.isSaidBy(option(name));
  }

  /** Sets options that the function itself chooses. */
  void set(Map<OptionKey, String> values) {
    constants.putAll(values);
  }

  /**
   * Has the developer's message end with these instructions, below the user's own developer prompt.
   *
   * @param own the user's for all rows; null for none
   * @param instructions a string
   */
  void addInstructions(String own, Expression instructions) {
    Expression ownOfRow = perRow.get(OptionKey.DEVELOPER_PROMPT);
    Expression before = own == null ? null : ArgumentValues.text(own + "\n\n");
    if (ownOfRow != null) {
      before =
          new Coalesce(
              Scala.seq(
                  new Concat(Scala.seq(ownOfRow, ArgumentValues.text("\n\n"))),
                  before == null ? ArgumentValues.text("") : before));
    }
    Expression all = before == null ? instructions : new Concat(Scala.seq(before, instructions));
    if (ArgumentValues.isConstant(all)) {
      String constant = ArgumentValues.constant(all);
      if (constant != null) {
        constants.put(OptionKey.DEVELOPER_PROMPT, constant);
      }
    } else {
      constants.remove(OptionKey.DEVELOPER_PROMPT);
      perRow.put(OptionKey.DEVELOPER_PROMPT, all);
    }
  }

  /** Whether values that have to be constants need not be known yet. */
  boolean isTypeOnly() {
    return isTypeOnly;
  }

  /** The value that the call gives, null where it gives none. */
  String given(OptionKey key) {
    return constants.get(key);
  }

  private OptionKey option(String argument) {
    OptionKey key;
    try {
      key = OptionKey.of(argument);
    } catch (InvalidConfigException e) {
      throw FunctionErrors.unknownArgument(function, argument);
    }
    if (!function.options().contains(key)) {
      throw key.isArgument()
          ? FunctionErrors.notTaken(function, key)
          : FunctionErrors.sessionOption(function, key);
    }
    return key;
  }

  private Expression text(OptionKey key, Expression value) {
    DataType type = value.dataType();
    if (!TextForm.fits(key, type)) {
      throw FunctionErrors.argumentType(function, key.optionName(), type, TextForm.expected(key));
    }
    return TextForm.isStrings(type) ? ArgumentValues.json(value) : ArgumentValues.string(value);
  }

  /** All options of the call, over the session's, with the model's version pinned. */
  OptionValues resolve() {
    Map<String, String> named = new HashMap<>();
    constants.forEach((key, value) -> named.put(key.optionName(), value));
    // The session's own configuration: a view is analysed under one that knows Spark's keys only.
    return typed(ResolvedCall.of(SparkSession.active(), named, perRow.keySet()).options());
  }

  /**
   * The call.
   *
   * @param input a string, which is message JSON or a prompt
   * @param options from {@link #resolve}
   * @param promptVersion null where the function has no prompt of its own
   */
  CompletionExpression completion(
      Expression input, boolean isMessages, OptionValues options, String promptVersion) {
    return new CompletionExpression(
        new FunctionCall(
            function.sqlName(),
            isMessages,
            constants,
            promptVersion,
            options,
            CompletionType.of(options),
            CompletionObserver.NONE,
            CompletionStore.Factory.NONE,
            false),
        RequestSchema.of(input, perRow));
  }

  /** Rows with forms of their own have no type in common. */
  private OptionValues typed(OptionValues options) {
    boolean differ = isFormUnknown || perRow.keySet().stream().anyMatch(AnswerForm::isSaidBy);
    boolean isStruct = options.text(OptionKey.PARSED_TYPE).equals("struct");
    return differ && isStruct ? options.with(OptionKey.PARSED_TYPE, "string") : options;
  }
}
