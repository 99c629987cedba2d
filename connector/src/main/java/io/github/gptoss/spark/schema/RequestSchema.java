package io.github.gptoss.spark.schema;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A whole request as a column: a conversation, and options that are its own. */
public final class RequestSchema {
  /** The column's name in tables of batch files. */
  public static final String DEFAULT_COLUMN = "request";

  public static final String MESSAGES = "messages";
  public static final String PARAMETERS = "parameters";
  public static final String ERROR_CODE = "error_code";
  public static final String ERROR_MESSAGE = "error_message";

  /**
   * {@code messages} is message JSON (for {@link PromptInput} alone also a prompt); {@code
   * parameters} has values of options by their names; {@code error_code} and {@code error_message}
   * say why there is no such request, and are null where there is one.
   */
  public static final StructType REQUEST =
      new StructType()
          .add(MESSAGES, DataTypes.StringType)
          .add(
              PARAMETERS, DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, true))
          .add(ERROR_CODE, DataTypes.StringType)
          .add(ERROR_MESSAGE, DataTypes.StringType);

  private RequestSchema() {}

  /** A request that asks the input, with no option of its own. */
  static Column of(Column input) {
    return request(input, functions.lit(null), null, null);
  }

  /**
   * A request with options of its own.
   *
   * @param parameters a map of texts by the options' names; a null text is as good as none
   */
  static Column of(Column input, Column parameters) {
    return request(input, parameters, null, null);
  }

  /** No request, and why. */
  static Column failed(String code, String message) {
    return request(functions.lit(null), functions.lit(null), code, message);
  }

  private static Column request(Column input, Column parameters, String code, String message) {
    return functions
        .struct(
            input.as(MESSAGES),
            parameters.as(PARAMETERS),
            functions.lit(code).as(ERROR_CODE),
            functions.lit(message).as(ERROR_MESSAGE))
        .cast(REQUEST);
  }
}
