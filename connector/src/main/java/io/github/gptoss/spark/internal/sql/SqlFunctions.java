package io.github.gptoss.spark.internal.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.Function1;
import scala.Tuple3;
import scala.collection.immutable.Seq;

/** The functions as a session registers them. */
public final class SqlFunctions {
  private SqlFunctions() {}

  public static List<
          Tuple3<FunctionIdentifier, ExpressionInfo, Function1<Seq<Expression>, Expression>>>
      all() {
    return SqlFunction.all().stream()
        .map(
            function ->
                new Tuple3<>(
                    FunctionIdentifier.apply(function.sqlName()),
                    function.help(),
                    builder(function)))
        .toList();
  }

  private static Function1<Seq<Expression>, Expression> builder(SqlFunction function) {
    return arguments -> function.call(Scala.list(arguments));
  }
}
