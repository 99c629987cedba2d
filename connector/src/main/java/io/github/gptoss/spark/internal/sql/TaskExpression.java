package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionName;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.options.SparkConfs;
import io.github.gptoss.spark.internal.prompts.PromptTemplate;
import io.github.gptoss.spark.internal.tasks.MaskedText;
import io.github.gptoss.spark.internal.tasks.Task;
import io.github.gptoss.spark.internal.tasks.TaskCall;
import io.github.gptoss.spark.internal.tasks.TaskForms;
import io.github.gptoss.spark.internal.tasks.TaskParameter;
import io.github.gptoss.spark.internal.tasks.TaskPrompts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Concat;
import org.apache.spark.sql.catalyst.expressions.CreateMap;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * A task's call as an expression: a completion of its prompt with its form, and what is made of the
 * answer; null where an argument of the row is null.
 */
final class TaskExpression {
  private final TaskFunction function;
  private final TaskCall call;
  private final Map<TaskParameter, Expression> given;
  private final OptionArguments options;

  /**
   * @param given the task's arguments
   */
  TaskExpression(
      TaskFunction function,
      TaskCall call,
      Map<TaskParameter, Expression> given,
      OptionArguments options) {
    this.function = function;
    this.call = call;
    this.given = given;
    this.options = options;
  }

  /**
   * The expression.
   *
   * @throws InvalidConfigException if an option, the schema or the model is wrong
   */
  Expression make() {
    Map<OptionKey, String> form = TaskForms.of(call);
    options.set(form);
    if (!form.isEmpty() && call.task() != Task.EXTRACT) {
      options.set(Map.of(OptionKey.PARSED_TYPE, "struct"));
    }
    refuseOtherForms();
    OptionValues resolved = resolve();
    String replacement = resolved.text(OptionKey.TASK_PROMPT);
    CompletionExpression completion =
        options.completion(
            prompt(TaskPrompts.of(call, given.keySet(), replacement)),
            false,
            resolved,
            replacement == null ? TaskPrompts.VERSION : null);
    Expression result = function.isDetail() ? completion : result(completion);
    Expression guard = guard();
    Expression value =
        guard == null ? result : new If(guard, result, Literal.create(null, result.dataType()));
    return new TaskResult(function.sqlName(), value, columns());
  }

  /** The arguments that may be columns, in their order. */
  private List<Expression> columns() {
    return function.task().parameters().stream()
        .filter(TaskParameter::mayBeColumn)
        .map(given::get)
        .toList();
  }

  /** A form of the session's would make other answers than the task reads. */
  private void refuseOtherForms() {
    Map<OptionName, String> conf = OptionValues.ofConf(SparkConfs.of(SparkSession.active()));
    for (OptionKey key : TaskForms.OPTIONS) {
      if (options.given(key) == null && conf.containsKey(new OptionName(key, false))) {
        throw FunctionErrors.formOfSession(function, key);
      }
    }
  }

  private OptionValues resolve() {
    try {
      return options.resolve();
    } catch (InvalidConfigException e) {
      if (call.task() != Task.EXTRACT) {
        throw e;
      }
      String option = "option " + OptionKey.RESPONSE_FORMAT.name().toLowerCase(Locale.ROOT);
      if (e.getMessage().startsWith(option)) {
        throw FunctionErrors.wrongSchema(function, e.getMessage().substring(option.length()));
      }
      if (e.getCause() instanceof ConstraintException wrong
          && options.given(OptionKey.TOOLS) == null) {
        throw FunctionErrors.wrongSchema(
            function, ": " + wrong.code().text() + ": " + wrong.getMessage());
      }
      throw e;
    }
  }

  private Expression prompt(List<PromptTemplate.Part> parts) {
    List<Expression> texts = new ArrayList<>();
    StringBuilder constant = new StringBuilder();
    for (PromptTemplate.Part part : parts) {
      TaskParameter parameter = part.isColumn() ? parameter(part.text()) : null;
      if (parameter == null) {
        constant.append(part.text());
      } else if (!parameter.mayBeColumn()) {
        constant.append(TaskPrompts.text(call, parameter));
      } else {
        addConstant(texts, constant);
        texts.add(ArgumentValues.string(given.get(parameter)));
      }
    }
    addConstant(texts, constant);
    return texts.size() == 1 ? texts.get(0) : new Concat(Scala.seq(texts));
  }

  private static void addConstant(List<Expression> texts, StringBuilder constant) {
    if (!constant.isEmpty()) {
      texts.add(text(constant.toString()));
      constant.setLength(0);
    }
  }

  private TaskParameter parameter(String name) {
    return function.task().parameters().stream()
        .filter(parameter -> parameter.argumentName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Literal text(String text) {
    return new Literal(UTF8String.fromString(text), DataTypes.StringType);
  }

  /** Whether the row has all that it is asked about; null where every row has. */
  private Expression guard() {
    return given.entrySet().stream()
        .filter(e -> e.getKey().mayBeColumn() && e.getValue().nullable())
        .<Expression>map(e -> new IsNotNull(e.getValue()))
        .reduce(And::new)
        .orElse(null);
  }

  private Expression result(CompletionExpression completion) {
    return switch (call.task()) {
      case SUMMARIZE, TRANSLATE, FIX_GRAMMAR, GEN -> ArgumentValues.named(completion, "response");
      case CLASSIFY, EXTRACT, FILTER -> parsed(completion);
      case SENTIMENT -> call.labels() == null ? parsed(completion) : byAspect(parsed(completion));
      case MASK ->
          new MaskedText(
              ArgumentValues.string(given.get(TaskParameter.CONTENT)), parsed(completion));
    };
  }

  private static Expression parsed(CompletionExpression completion) {
    return ArgumentValues.named(completion, "parsed");
  }

  /** A map has a type that does not depend on the aspects, and takes any text for a key. */
  private Expression byAspect(Expression sentiments) {
    List<Expression> entries = new ArrayList<>();
    for (String aspect : call.labels().texts()) {
      entries.add(text(aspect));
      entries.add(ArgumentValues.named(sentiments, aspect));
    }
    Expression map = new CreateMap(Scala.seq(entries), false);
    return new If(new IsNotNull(sentiments), map, Literal.create(null, map.dataType()));
  }
}
