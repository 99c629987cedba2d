package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.sql.rules.ExtractCompletions;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * A call of a function in a plan: marks where a completion is wanted until {@link
 * ExtractCompletions} moves it into an operator that batches. Where that cannot be done it
 * completes row by row through the same engine: slow, never wrong.
 */
public final class CompletionExpression extends CallExpression {
  private static final long serialVersionUID = 1L;

  private final Expression request;
  private final boolean isExplained;

  /**
   * @param request what a row asks, a struct of {@code RequestSchema}
   */
  public CompletionExpression(FunctionCall call, Expression request) {
    this(call, request, false);
  }

  private CompletionExpression(FunctionCall call, Expression request, boolean isExplained) {
    super(call);
    this.request = request;
    this.isExplained = isExplained;
  }

  /** The same call, of which the log says why nothing batches it. */
  public CompletionExpression explained() {
    return new CompletionExpression(call(), request, true);
  }

  public static boolean isIn(Expression expression) {
    return expression.exists(e -> e instanceof CompletionExpression);
  }

  @Override
  public Seq<Expression> children() {
    return Scala.seq(request);
  }

  @Override
  public DataType dataType() {
    return call().type();
  }

  @Override
  public Object eval(InternalRow row) {
    return completeRow(
        (InternalRow) request.eval(row), isExplained ? null : RowwiseWarnings.UNSEEN);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new CompletionExpression(call(), children.head(), isExplained);
  }

  @Override
  public String toString() {
    return CallText.of(call(), request, Expression::toString);
  }

  @Override
  public String sql() {
    return CallText.of(call(), request, Expression::sql);
  }

  @Override
  public Object productElement(int index) {
    return index == 0 ? call() : request;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof CompletionExpression;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CompletionExpression e
        && e.call().equals(call())
        && e.request.equals(request)
        && e.isExplained == isExplained; // or Spark takes the two for one, and keeps the first
  }

  @Override
  public int hashCode() {
    return Objects.hash(call(), request, isExplained);
  }
}
