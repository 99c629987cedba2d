package io.github.gptoss.spark.internal.sql;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The functions as a catalog offers them. */
public final class CatalogFunctions {
  private CatalogFunctions() {}

  /** Their names within the catalog. */
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
}
