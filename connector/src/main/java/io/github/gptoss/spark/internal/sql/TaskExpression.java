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
    if (call.task().isAggregate() && options.given(OptionKey.OVERFLOW) == null) {
      options.set(Map.of(OptionKey.OVERFLOW, "map_reduce"));
    }
    Map<OptionName, String> session = OptionValues.ofConf(SparkConfs.of(SparkSession.active()));
    refuseOtherForms(session);
    String replacement = orOfSession(session, OptionKey.TASK_PROMPT);
    Expression prompt = prompt(session, TaskPrompts.of(call, given.keySet(), replacement));
    OptionValues resolved = resolve();
    refuseUnseenText(resolved.text(OptionKey.OVERFLOW).strip());
    CompletionExpression completion =
        options.completion(
            prompt, false, resolved, replacement == null ? TaskPrompts.VERSION : null);
    Expression result = function.isDetail() ? completion : result(completion);
    Expression guard = guard();
    Expression value =
        guard == null ? result : new If(guard, result, Literal.create(null, result.dataType()));
    return new TaskResult(function.sqlName(), value, shown());
  }

  /** What columns are named by: the arguments that rows or calls of one table differ in. */
  private List<Expression> shown() {
    return function.task().parameters().stream()
        .filter(parameter -> parameter.mayBeColumn() || parameter == TaskParameter.INSTRUCTION)
        .map(given::get)
        .map(argument -> call.task().isAggregate() ? GroupText.collected(argument) : argument)
        .toList();
  }

  /** A form of the session's would make other answers than the task reads. */
  private void refuseOtherForms(Map<OptionName, String> session) {
    for (OptionKey key : TaskForms.OPTIONS) {
      if (options.given(key) == null && session.containsKey(new OptionName(key, false))) {
        throw FunctionErrors.formOfSession(function, key);
      }
    }
  }

  /** What the model does not see of a text would stay in it. */
  private void refuseUnseenText(String overflow) {
    boolean isKnown = !options.isTypeOnly();
    if (call.task() == Task.MASK && isKnown && !overflow.equalsIgnoreCase("error")) {
      throw FunctionErrors.unseenText(function, overflow.toLowerCase(Locale.ROOT));
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

  private String orOfSession(Map<OptionName, String> session, OptionKey key) {
    String own = options.given(key);
    return own == null ? session.get(new OptionName(key, false)) : own;
  }

  /**
   * What the user's message says. What comes before a text that is last goes to the developer's
   * message, below what the user's own developer prompt says.
   */
  private Expression prompt(Map<OptionName, String> session, List<PromptTemplate.Part> parts) {
    int last = parts.size() - 1;
    boolean isSplit =
        last > 0
            && isText(parts.get(last))
            && parts.subList(0, last).stream().noneMatch(TaskExpression::isText)
            && parts.subList(0, last).stream().anyMatch(p -> p.isColumn() || !p.text().isBlank());
    if (!isSplit) {
      return text(parts, false);
    }
    options.addInstructions(
        orOfSession(session, OptionKey.DEVELOPER_PROMPT), text(parts.subList(0, last), true));
    return text(parts.subList(last, last + 1), false);
  }

  private static boolean isText(PromptTemplate.Part part) {
    return part.isColumn()
        && (part.text().equals(TaskParameter.CONTENT.argumentName())
            || part.text().equals(TaskParameter.PROMPT.argumentName()));
  }

  private Expression text(List<PromptTemplate.Part> parts, boolean isStripped) {
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
    if (isStripped) {
      constant.setLength(constant.toString().stripTrailing().length());
    }
    addConstant(texts, constant);
    return texts.size() == 1 ? texts.get(0) : new Concat(Scala.seq(texts));
  }

  private static void addConstant(List<Expression> texts, StringBuilder constant) {
    if (!constant.isEmpty()) {
      texts.add(ArgumentValues.text(constant.toString()));
      constant.setLength(0);
    }
  }

  private TaskParameter parameter(String name) {
    return function.task().parameters().stream()
        .filter(parameter -> parameter.argumentName().equals(name))
        .findFirst()
        .orElseThrow();
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
      case SUMMARIZE, TRANSLATE, FIX_GRAMMAR, GEN, AGG, SUMMARIZE_AGG ->
          ArgumentValues.named(completion, "response");
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
      entries.add(ArgumentValues.text(aspect));
      entries.add(ArgumentValues.named(sentiments, aspect));
    }
    Expression map = new CreateMap(Scala.seq(entries), false);
    return new If(new IsNotNull(sentiments), map, Literal.create(null, map.dataType()));
  }
}
