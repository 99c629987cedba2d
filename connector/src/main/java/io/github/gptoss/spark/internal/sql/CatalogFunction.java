package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.sql.rules.ExtractCompletions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.ApplyFunctionExpression;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A function of {@code GptOssCatalog} with the types of its arguments: the input, and optionally a
 * struct whose fields are the options. {@link ExtractCompletions} sees it as the function of the
 * same name; where no rule does, Spark calls {@link #produceResult} row by row.
 *
 * @param rowwise the call over a row of the arguments
 */
public record CatalogFunction(FunctionName function, List<DataType> types, Expression rowwise)
    implements ScalarFunction<Object> {
  private static final long serialVersionUID = 1L;

  /** The names of all within the catalog. */
  public static List<String> names() {
    return Arrays.stream(FunctionName.values()).map(FunctionName::shortName).toList();
  }

  /** The function of this name, in any case. */
  public static Optional<UnboundFunction> find(String name) {
    return Arrays.stream(FunctionName.values())
        .filter(f -> f.shortName().equalsIgnoreCase(name))
        .findFirst()
        .map(f -> new Unbound(f));
  }

  private record Unbound(FunctionName function) implements UnboundFunction {
    @Override
    public BoundFunction bind(StructType arguments) {
      List<DataType> types = Arrays.stream(arguments.fields()).map(StructField::dataType).toList();
      return CatalogFunction.bind(function, types);
    }

    @Override
    public String name() {
      return function.shortName();
    }

    @Override
    public String description() {
      return FunctionHelp.of(function).getUsage();
    }
  }

  static CatalogFunction bind(FunctionName name, List<DataType> types) {
    List<Expression> arguments = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      arguments.add(new BoundReference(i, types.get(i), true));
    }
    Expression call = name.call(arguments);
    return new CatalogFunction(
        name,
        types,
        (Expression)
            call.transform(
                Scala.everywhere(
                    Expression.class,
                    e -> e instanceof RuntimeReplaceable r ? r.replacement() : e)));
  }

  /** The plan with calls of the catalog's functions as those of the session's. */
  public static LogicalPlan asExpressions(LogicalPlan plan) {
    return (LogicalPlan)
        plan.transformAllExpressionsWithSubqueries(
            Scala.everywhere(
                Expression.class,
                e ->
                    e instanceof ApplyFunctionExpression applied
                            && applied.function() instanceof CatalogFunction bound
                        ? bound.function.call(Scala.list(applied.children()))
                        : e));
  }

  @Override
  public DataType[] inputTypes() {
    return types.toArray(new DataType[0]);
  }

  @Override
  public DataType resultType() {
    return rowwise.dataType();
  }

  @Override
  public String name() {
    return function.shortName();
  }

  @Override
  public String canonicalName() {
    return "gptoss." + function.shortName();
  }

  @Override
  public Object produceResult(InternalRow arguments) {
    return rowwise.eval(arguments);
  }
}
