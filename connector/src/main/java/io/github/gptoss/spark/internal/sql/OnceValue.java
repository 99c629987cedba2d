package io.github.gptoss.spark.internal.sql;

import java.io.Serializable;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.types.DataType;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * A value that a task's call uses at several places and that may differ each time it is evaluated,
 * such as what {@code rand()} is part of. The rules make a column of it below the call; where none
 * sees it, each place evaluates it.
 */
public final class OnceValue extends Expression implements CodegenFallback, Serializable {
  private static final long serialVersionUID = 1L;

  private final Expression value;
  private final ExprId id;

  private OnceValue(Expression value, ExprId id) {
    this.value = value;
    this.id = id;
  }

  /** The value itself where it is the same each time. */
  static Expression of(Expression value) {
    return value.deterministic() ? value : new OnceValue(value, NamedExpression.newExprId());
  }

  public Expression value() {
    return value;
  }

  /** The same for all places of one call. */
  public ExprId id() {
    return id;
  }

  @Override
  public Seq<Expression> children() {
    return Scala.seq(value);
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
    return new OnceValue(children.head(), id);
  }

  @Override
  public String toString() {
    return value.toString();
  }

  @Override
  public String sql() {
    return value.sql();
  }

  @Override
  public int productArity() {
    return 2;
  }

  @Override
  public Object productElement(int index) {
    return index == 0 ? value : id;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof OnceValue;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OnceValue once && once.value.equals(value) && once.id.equals(id);
  }

  @Override
  public int hashCode() {
    return Objects.hash(value, id);
  }
}
