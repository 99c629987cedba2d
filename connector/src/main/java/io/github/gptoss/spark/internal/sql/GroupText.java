package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.engine.harmony.TextChunks;
import org.apache.spark.sql.catalyst.expressions.ArrayJoin;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GreaterThan;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Size;
import org.apache.spark.sql.catalyst.expressions.SortArray;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.CollectList;
import org.apache.spark.sql.types.DataTypes;

/** The texts of a group as one text. */
final class GroupText {
  private GroupText() {}

  /**
   * All texts of a group that are not null, sorted, so that they do not depend on how rows are
   * spread; with an empty line between two of them, where a text that is too long is divided first.
   * Null where there are none.
   */
  static Expression of(Expression content) {
    Expression texts =
        new SortArray(
            new CollectList(ArgumentValues.string(content)).toAggregateExpression(),
            Literal.create(true, DataTypes.BooleanType));
    return new If(
        new GreaterThan(new Size(texts, false), Literal.create(0, DataTypes.IntegerType)),
        new ArrayJoin(texts, ArgumentValues.text(TextChunks.SEPARATOR)),
        Literal.create(null, DataTypes.StringType));
  }

  /** The aggregate in what {@link #of} gives; any other expression as it is. */
  static Expression collected(Expression argument) {
    return (Expression)
        argument.find(e -> e instanceof AggregateExpression).getOrElse(() -> argument);
  }

  /** What is collected, where the expression is such an aggregate; else the expression. */
  static Expression content(Expression collected) {
    return collected instanceof AggregateExpression aggregate
            && aggregate.aggregateFunction() instanceof CollectList texts
        ? texts.child()
        : collected;
  }
}
