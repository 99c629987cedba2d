package io.github.gptoss.spark.internal.sql;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataType;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * A task's call under the name that its user gave it, so that Spark names columns by the call
 * rather than by what it is made of. The rules take it away before the optimizer.
 */
public final class TaskResult extends Expression implements CodegenFallback, Serializable {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final Expression value;
  private final List<Expression> arguments;

  /**
   * @param value of the expression
   * @param arguments of the call that names of columns show; an aggregate stands for its texts,
   *     which are no column above it
   */
  TaskResult(String name, Expression value, List<Expression> arguments) {
    this.name = name;
    this.value = value;
    this.arguments = List.copyOf(arguments);
  }

  /** The plan with tasks as what they are made of. */
  public static LogicalPlan unnamed(LogicalPlan plan) {
    return (LogicalPlan)
        plan.transformAllExpressionsWithSubqueries(
            Scala.everywhere(Expression.class, e -> e instanceof TaskResult t ? t.value : e));
  }

  @Override
  public Seq<Expression> children() {
    List<Expression> children = new ArrayList<>(List.of(value));
    children.addAll(arguments);
    return Scala.seq(children);
  }

  @Override
  public DataType dataType() {
    return value.dataType();
  }

  @Override
  public boolean nullable() {
    return value.nullable();
  }

  @Override
  public Object eval(InternalRow row) {
    return value.eval(row);
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return CodegenFallback.super.doGenCode(context, code);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    List<Expression> all = Scala.list(children);
    return new TaskResult(name, all.get(0), all.subList(1, all.size()));
  }

  @Override
  public String prettyName() {
    return name;
  }

  @Override
  public String toString() {
    return text(Expression::toString);
  }

  @Override
  public String sql() {
    return text(Expression::sql);
  }

  private String text(Function<Expression, String> rendering) {
    return arguments.stream()
        .map(argument -> CallText.shown(GroupText.content(argument), rendering))
        .collect(Collectors.joining(", ", name + "(", ")"));
  }

  @Override
  public int productArity() {
    return 1;
  }

  @Override
  public Object productElement(int index) {
    return value;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof TaskResult;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TaskResult result && result.value.equals(value);
  }

  @Override
  public int hashCode() {
    return 31 * value.hashCode() + 2;
  }
}
