package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.options.OptionKey;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.types.DataType;

/** A function that sessions and catalogs have. */
interface SqlFunction extends Serializable {
  /** As it is called in a catalog: {@code generate}. */
  String shortName();

  /** As it is called in a session: {@code gptoss_generate}. */
  default String sqlName() {
    return "gptoss_" + shortName();
  }

  /** How its arguments are written, without options. */
  String usage();

  /** The options that a call may set, in the order of the documentation. */
  List<OptionKey> options();

  /** Names that an argument may have besides those of options. */
  List<String> argumentNames();

  /** What DESCRIBE FUNCTION says. */
  ExpressionInfo help();

  /**
   * The expression of a call with these arguments.
   *
   * @throws org.apache.spark.sql.AnalysisException if an argument, an option or the model is wrong
   */
  Expression call(List<Expression> arguments);

  /**
   * The same as the function of a catalog, which has its type before the values of a struct are
   * seen.
   */
  Expression callInCatalog(List<Expression> arguments);

  /** The function of a catalog for arguments of these types; same terms as {@link #call}. */
  CatalogFunction bind(List<DataType> types);

  /** All of them. */
  static List<SqlFunction> all() {
    return Stream.concat(Stream.of(FunctionName.values()), TaskFunction.all().stream()).toList();
  }
}
