package io.github.gptoss.spark.internal.sql;

import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/** Fields of struct expressions. */
final class StructFields {
  private StructFields() {}

  /** The field at this place: what it was made of, where that can be seen. */
  static Expression field(Expression struct, int index) {
    return struct instanceof CreateNamedStruct made
        ? made.valExprs().apply(index)
        : named(struct, ((StructType) struct.dataType()).fieldNames()[index]);
  }

  static Expression named(Expression struct, String name) {
    int index = ((StructType) struct.dataType()).fieldIndex(name);
    return new GetStructField(struct, index, Option.apply(name));
  }
}
