package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.sql.rules.ExtractCompletions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
 * A function of {@code GptOssCatalog} with the types of its arguments, the last of which may be a
 * struct whose fields are arguments by name. {@link ExtractCompletions} sees it as the function of
 * the same name; where no rule does, Spark calls {@link #produceResult} row by row.
 *
 * @param rowwise the call over a row of the arguments; null for a task, whose arguments have to be
 *     constants, which a row of values no longer shows
 */
public record CatalogFunction(
    SqlFunction function, List<DataType> types, DataType resultType, Expression rowwise)
    implements ScalarFunction<Object> {
  private static final long serialVersionUID = 1L;

  /** The names of all within the catalog. */
  public static List<String> names() {
    return ofRows().map(SqlFunction::shortName).toList();
  }

  /** A catalog's function is one of single rows. */
  private static Stream<SqlFunction> ofRows() {
    return SqlFunction.all().stream()
        .filter(f -> !(f instanceof TaskFunction task && task.task().isAggregate()));
  }

  /** The function of this name, in any case. */
  public static Optional<UnboundFunction> find(String name) {
    return ofRows()
        .filter(f -> f.shortName().equalsIgnoreCase(name))
        .findFirst()
        .map(f -> new Unbound(f));
  }

  private record Unbound(SqlFunction function) implements UnboundFunction {
    @Override
    public BoundFunction bind(StructType arguments) {
      List<DataType> types = Arrays.stream(arguments.fields()).map(StructField::dataType).toList();
      return function.bind(types);
    }

    @Override
    public String name() {
      return function.shortName();
    }

    @Override
    public String description() {
      return function.help().getUsage();
    }
  }

  /** A function that can be called with the values of a row alone. */
  static CatalogFunction rowwise(SqlFunction function, List<DataType> types) {
    Expression call = function.callInCatalog(references(types));
    return new CatalogFunction(
        function,
        types,
        call.dataType(),
        (Expression)
            call.transform(
                Scala.everywhere(
                    Expression.class,
                    e -> e instanceof RuntimeReplaceable r ? r.replacement() : e)));
  }

  /** The fields of a row of arguments. */
  static List<Expression> references(List<DataType> types) {
    List<Expression> arguments = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      arguments.add(new BoundReference(i, types.get(i), true));
    }
    return arguments;
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
                        ? bound.asExpression(Scala.list(applied.children()))
                        : e));
  }

  private Expression asExpression(List<Expression> arguments) {
    Expression call = function.callInCatalog(arguments);
    if (function instanceof TaskFunction task
        && !call.dataType().asNullable().equals(resultType.asNullable())) {
      throw SparkFaults.refusal(task.typeByValue(resultType, call.dataType()));
    }
    return call;
  }

  @Override
  public DataType[] inputTypes() {
    return types.toArray(new DataType[0]);
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
    if (rowwise == null) {
      return SparkFaults.inTask(
          "",
          () -> {
            throw FunctionErrors.taskWithoutRules(function);
          });
    }
    return rowwise.eval(arguments);
  }
}
