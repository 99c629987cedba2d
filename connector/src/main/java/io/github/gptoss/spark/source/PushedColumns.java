package io.github.gptoss.spark.source;

import io.github.gptoss.spark.schema.ColumnPath;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.connector.expressions.Cast;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.GeneralScalarExpression;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.NullOrdering;
import org.apache.spark.sql.connector.expressions.SortDirection;
import org.apache.spark.sql.connector.expressions.SortOrder;
import org.apache.spark.sql.functions;

/**
 * Expressions that Spark pushes down, as columns again. Knows the operators whose names say the
 * same on both sides; null for any other, which then stays above.
 */
final class PushedColumns {
  private PushedColumns() {}

  static Column of(SortOrder order) {
    Column by = of(order.expression());
    if (by == null) {
      return null;
    }
    boolean nullsFirst = order.nullOrdering() == NullOrdering.NULLS_FIRST;
    if (order.direction() == SortDirection.ASCENDING) {
      return nullsFirst ? by.asc_nulls_first() : by.asc_nulls_last();
    }
    return nullsFirst ? by.desc_nulls_first() : by.desc_nulls_last();
  }

  static Column of(Expression expression) {
    if (expression instanceof NamedReference reference) {
      return functions.col(
          Arrays.stream(reference.fieldNames())
              .map(ColumnPath::quoted)
              .collect(Collectors.joining(".")));
    }
    if (expression instanceof Literal<?> literal) {
      // Its value is of Spark's internal form already.
      return ExpressionUtils.column(
          new org.apache.spark.sql.catalyst.expressions.Literal(
              literal.value(), literal.dataType()));
    }
    if (expression instanceof Cast cast) {
      Column child = of(cast.expression());
      return child == null ? null : child.cast(cast.dataType());
    }
    if (expression instanceof GeneralScalarExpression operation) {
      Column[] operands =
          Arrays.stream(operation.children()).map(PushedColumns::of).toArray(Column[]::new);
      return Arrays.asList(operands).contains(null) ? null : of(operation.name(), operands);
    }
    return null;
  }

  private static Column of(String operator, Column[] operands) {
    Column column =
        switch (operands.length) {
          case 0 -> constant(operator);
          case 1 -> unary(operator, operands[0]);
          case 2 -> binary(operator, operands[0], operands[1]);
          default -> null;
        };
    return column == null ? variadic(operator, operands) : column;
  }

  private static Column constant(String operator) {
    return switch (operator) {
      case "ALWAYS_TRUE" -> functions.lit(true);
      case "ALWAYS_FALSE" -> functions.lit(false);
      default -> null;
    };
  }

  private static Column unary(String operator, Column operand) {
    return switch (operator) {
      case "NOT" -> functions.not(operand);
      case "IS_NULL" -> operand.isNull();
      case "IS_NOT_NULL" -> operand.isNotNull();
      case "-" -> functions.negate(operand);
      case "ABS" -> functions.abs(operand);
      case "UPPER" -> functions.upper(operand);
      case "LOWER" -> functions.lower(operand);
      case "CHAR_LENGTH" -> functions.char_length(operand);
      default -> null;
    };
  }

  private static Column binary(String operator, Column left, Column right) {
    return switch (operator) {
      case "=" -> left.equalTo(right);
      case "<=>" -> left.eqNullSafe(right);
      case "<>" -> left.notEqual(right);
      case "<" -> left.lt(right);
      case "<=" -> left.leq(right);
      case ">" -> left.gt(right);
      case ">=" -> left.geq(right);
      case "AND" -> left.and(right);
      case "OR" -> left.or(right);
      case "STARTS_WITH" -> left.startsWith(right);
      case "ENDS_WITH" -> left.endsWith(right);
      case "CONTAINS" -> left.contains(right);
      case "+" -> left.plus(right);
      case "-" -> left.minus(right);
      case "*" -> left.multiply(right);
      case "/" -> left.divide(right);
      case "%" -> left.mod(right);
      default -> null;
    };
  }

  private static Column variadic(String operator, Column[] operands) {
    List<Column> all = Arrays.asList(operands);
    return switch (operator) {
      case "IN" -> all.get(0).isin(all.subList(1, all.size()).toArray());
      case "COALESCE" -> functions.coalesce(operands);
      case "CONCAT" -> functions.concat(operands);
      case "SUBSTRING" ->
          operands.length == 3 ? functions.substr(operands[0], operands[1], operands[2]) : null;
      default -> null;
    };
  }
}
