package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.spark.internal.options.OptionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.expressions.CreateMap;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What a row asks, as a value of Spark's: a prompt or a conversation, and options that are the
 * row's own. Every entry point makes its requests in this form, and the engine's side reads no
 * other.
 */
public final class RequestSchema {
  /** The column's name in tables of batch files. */
  public static final String DEFAULT_COLUMN = "request";

  public static final String MESSAGES = "messages";
  public static final String PARAMETERS = "parameters";
  public static final String ERROR_CODE = "error_code";
  public static final String ERROR_MESSAGE = "error_message";

  private static final DataType TEXTS_BY_NAME =
      DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, true);

  /**
   * {@code messages} is a prompt or message JSON, as the call says; {@code parameters} has values
   * of options by their names; {@code error_code} and {@code error_message} say why there is no
   * such request, and are null where there is one.
   */
  public static final StructType REQUEST =
      new StructType()
          .add(MESSAGES, DataTypes.StringType)
          .add(PARAMETERS, TEXTS_BY_NAME)
          .add(ERROR_CODE, DataTypes.StringType)
          .add(ERROR_MESSAGE, DataTypes.StringType);

  private RequestSchema() {}

  /**
   * A request.
   *
   * @param parameters options of its own: a map of texts by their names, where null is as good as
   *     none, for the map and for a text
   */
  static Column of(Column input, Column parameters) {
    return request(input, parameters, null, null);
  }

  /** No request, and why. */
  static Column failed(String code, String message) {
    return request(functions.lit(null), functions.lit(null), code, message);
  }

  private static Column request(Column input, Column parameters, String code, String message) {
    return functions.struct(
        input.cast(DataTypes.StringType).as(MESSAGES),
        parameters.cast(TEXTS_BY_NAME).as(PARAMETERS),
        functions.lit(code).cast(DataTypes.StringType).as(ERROR_CODE),
        functions.lit(message).cast(DataTypes.StringType).as(ERROR_MESSAGE));
  }

  /**
   * A request as an expression.
   *
   * @param input a string
   * @param parameters strings, by the options that they are values of
   */
  public static CreateNamedStruct of(Expression input, Map<OptionKey, Expression> parameters) {
    List<Expression> fields = new ArrayList<>();
    add(fields, MESSAGES, input);
    add(fields, PARAMETERS, parameters(parameters));
    add(fields, ERROR_CODE, Literal.create(null, DataTypes.StringType));
    add(fields, ERROR_MESSAGE, Literal.create(null, DataTypes.StringType));
    return new CreateNamedStruct(CollectionConverters.asScala(fields).toSeq());
  }

  private static void add(List<Expression> fields, String name, Expression value) {
    fields.add(text(name));
    fields.add(value);
  }

  private static Expression parameters(Map<OptionKey, Expression> parameters) {
    if (parameters.isEmpty()) {
      return Literal.create(null, TEXTS_BY_NAME);
    }
    List<Expression> entries = new ArrayList<>();
    parameters.forEach((option, value) -> add(entries, option.optionName(), value));
    return new CreateMap(CollectionConverters.asScala(entries).toSeq(), false);
  }

  private static Literal text(String text) {
    return new Literal(UTF8String.fromString(text), DataTypes.StringType);
  }
}
