package io.github.gptoss.spark.internal.sql;

import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Generator;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import scala.Enumeration;
import scala.Option;
import scala.collection.IterableOnce;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * A call as a generator that gives one row for each, so that Spark's own {@code Generate} carries
 * it through the optimizer: filters go below it, columns are pruned, and a row is evaluated once.
 * {@link BatchGenerateExec} runs it.
 */
public final class CompletionGenerator extends CallExpression implements Generator {
  private static final long serialVersionUID = 1L;

  /** Places of the arguments. */
  static final int REQUEST = 0;

  public static final int GUARD = 1;

  private final Seq<Expression> arguments;
  private Seq<Enumeration.Value> nodePatterns;

  /**
   * @param arguments the request, a struct of {@code RequestSchema}, then a boolean: whether the
   *     row is to be completed at all; if it is not true, the completion is null
   */
  public CompletionGenerator(FunctionCall call, Seq<Expression> arguments) {
    super(call);
    this.arguments = arguments;
    Generator.$init$(this);
  }

  /** Whether a plan is a call that was taken out of an expression. */
  public static boolean isIn(LogicalPlan plan) {
    return plan instanceof Generate g && g.generator() instanceof CompletionGenerator;
  }

  /** A new column of completions. */
  public static Attribute column(String name, DataType type) {
    return new AttributeReference(
        name, type, true, Metadata.empty(), NamedExpression.newExprId(), Scala.seq());
  }

  @Override
  public Seq<Expression> children() {
    return arguments;
  }

  @Override
  public StructType elementSchema() {
    return new StructType().add("completion", call().type());
  }

  @Override
  public DataType dataType() {
    return new ArrayType(elementSchema(), true);
  }

  /** Where a session has the rules and not the strategy. */
  @Override
  public IterableOnce<InternalRow> eval(InternalRow row) {
    Object completion = null;
    if (Boolean.TRUE.equals(arguments.apply(GUARD).eval(row))) {
      completion =
          completeRow((InternalRow) arguments.apply(REQUEST).eval(row), RowwiseWarnings.UNPLANNED);
    }
    return Option.apply(new GenericInternalRow(new Object[] {completion}));
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new CompletionGenerator(call(), children);
  }

  @Override
  public String toString() {
    return CallText.of(call(), arguments.apply(REQUEST), Expression::toString);
  }

  @Override
  public Seq<Enumeration.Value> nodePatterns() {
    return nodePatterns;
  }

  // The setter through which Scala initialises the trait's value.
  @Override
  public void org$apache$spark$sql$catalyst$expressions$Generator$_setter_$nodePatterns_$eq(
      Seq<Enumeration.Value> patterns) {
    nodePatterns = patterns;
  }

  @Override
  public Object productElement(int index) {
    return index == 0 ? call() : arguments;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof CompletionGenerator;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CompletionGenerator g
        && g.call().equals(call())
        && g.arguments.equals(arguments);
  }

  @Override
  public int hashCode() {
    return Objects.hash(call(), arguments);
  }
}
