package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.options.OptionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.expressions.CreateMap;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.PrettyAttribute;
import org.apache.spark.sql.types.AtomicType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.unsafe.types.UTF8String;

/** How plans show a call: names and lengths, since texts may be prompts, which nothing prints. */
final class CallText {
  private static final String COLUMN = "[A-Za-z_]\\w*(?:[.#][A-Za-z_\\d]\\w*)*";
  private static final String OPERAND = "(?:" + COLUMN + "|\\d+(?:\\.\\d+)?)";

  /** Columns' names and sums and products of them. A text of one word passes for a name, too. */
  private static final Pattern NAME =
      Pattern.compile(
          COLUMN + "|\\(" + OPERAND + "(?: [-+*/%] " + OPERAND + ")+\\)" + "|string\\[\\d+]");

  private CallText() {}

  static String of(FunctionCall call, Expression request, Function<Expression, String> rendering) {
    List<String> parts = new ArrayList<>();
    if (request instanceof CreateNamedStruct made) {
      // As RequestSchema makes it: first the input, then the row's own options by their names.
      parts.add(shown(made.valExprs().apply(0), rendering));
      if (made.valExprs().apply(1) instanceof CreateMap options) {
        for (int i = 0; i < options.keys().size(); i++) {
          parts.add(
              name(options.keys().apply(i)) + " => " + shown(options.values().apply(i), rendering));
        }
      }
    } else {
      parts.add(shown(request, rendering));
    }
    call.constants()
        .forEach((key, value) -> parts.add(key.optionName() + " => " + shown(key, value)));
    if (call.promptVersion() != null) {
      parts.add("task_prompt_version => " + call.promptVersion());
    }
    return call.name() + "(" + String.join(", ", parts) + ")";
  }

  /** An expression without the texts that it may hold. */
  static String shown(Expression expression, Function<Expression, String> rendering) {
    return rendering.apply(masked(expression));
  }

  /** The constant that an option's name is, also where Spark makes a name of it. */
  private static String name(Expression constant) {
    return constant instanceof PrettyAttribute pretty ? pretty.name() : constant.toString();
  }

  private static String shown(OptionKey key, String value) {
    return key.holdsText() || key.isSecret() ? lengthOnly(value.length()) : value;
  }

  private static Expression masked(Expression expression) {
    return (Expression)
        expression.transform(
            Scala.everywhere(
                Expression.class,
                e -> {
                  if (e instanceof Literal literal && mayHoldText(e.dataType())) {
                    return new PrettyAttribute(shown(literal), e.dataType());
                  }
                  // Where Spark makes a name of an expression, literals have become these before.
                  return e instanceof PrettyAttribute pretty
                          && !NAME.matcher(pretty.name()).matches()
                      ? new PrettyAttribute(lengthOnly(pretty.name().length()), e.dataType())
                      : e;
                }));
  }

  /** Numbers, times and booleans do not; arrays and structs are what constant messages fold to. */
  private static boolean mayHoldText(DataType type) {
    return !(type instanceof AtomicType)
        || type instanceof StringType
        || type instanceof BinaryType;
  }

  private static String shown(Literal literal) {
    if (literal.value() == null) {
      return "NULL";
    }
    return literal.value() instanceof UTF8String text
        ? lengthOnly(text.numChars())
        : literal.dataType().typeName();
  }

  private static String lengthOnly(int characters) {
    return "string[" + characters + "]";
  }
}
