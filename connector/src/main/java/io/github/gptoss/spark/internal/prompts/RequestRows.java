package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.internal.options.OptionKey;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;

/** Reads requests, structs of {@link RequestSchema}. */
public final class RequestRows {
  private static final int MESSAGES = RequestSchema.REQUEST.fieldIndex(RequestSchema.MESSAGES);
  private static final int PARAMETERS = RequestSchema.REQUEST.fieldIndex(RequestSchema.PARAMETERS);
  private static final int ERROR_CODE = RequestSchema.REQUEST.fieldIndex(RequestSchema.ERROR_CODE);
  private static final int ERROR_MESSAGE =
      RequestSchema.REQUEST.fieldIndex(RequestSchema.ERROR_MESSAGE);

  private RequestRows() {}

  /**
   * What a request asks.
   *
   * @param request of Spark's internal rows; null where the row has none
   * @param isMessages whether it asks with message JSON, else with a prompt
   */
  public static PromptRow promptRow(InternalRow request, boolean isMessages) {
    return request == null
        ? PromptRow.of(null, isMessages)
        : promptRow(
            text(request, MESSAGES),
            isMessages,
            parameters(request),
            text(request, ERROR_CODE),
            text(request, ERROR_MESSAGE));
  }

  /** The same of an external row. */
  public static PromptRow promptRow(Row request, boolean isMessages) {
    return request == null
        ? PromptRow.of(null, isMessages)
        : promptRow(
            request.getString(MESSAGES),
            isMessages,
            request.isNullAt(PARAMETERS) ? Map.of() : request.getJavaMap(PARAMETERS),
            request.getString(ERROR_CODE),
            request.getString(ERROR_MESSAGE));
  }

  private static String text(InternalRow row, int field) {
    return row.isNullAt(field) ? null : row.getUTF8String(field).toString();
  }

  private static Map<String, String> parameters(InternalRow request) {
    if (request.isNullAt(PARAMETERS)) {
      return Map.of();
    }
    MapData map = request.getMap(PARAMETERS);
    ArrayData values = map.valueArray();
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 0; i < map.numElements(); i++) {
      parameters.put(
          map.keyArray().getUTF8String(i).toString(),
          values.isNullAt(i) ? null : values.getUTF8String(i).toString());
    }
    return parameters;
  }

  private static PromptRow promptRow(
      String input,
      boolean isMessages,
      Map<String, String> parameters,
      String errorCode,
      String errorMessage) {
    if (errorCode != null) {
      return PromptRow.refused(new InvalidRequestException(errorCode, errorMessage));
    }
    if (parameters.isEmpty()) {
      return PromptRow.of(input, isMessages);
    }
    Map<OptionKey, String> overrides = new EnumMap<>(OptionKey.class);
    try {
      parameters.forEach((name, value) -> overrides.put(perRow(name), value));
    } catch (InvalidRequestException e) {
      return PromptRow.refused(e);
    }
    return new PromptRow(input, isMessages, overrides);
  }

  private static OptionKey perRow(String name) {
    OptionKey key;
    try {
      key = OptionKey.of(name);
    } catch (InvalidConfigException e) {
      throw new InvalidRequestException("invalid_parameter", e.getMessage(), e);
    }
    if (!key.isPerRow()) {
      throw new InvalidRequestException(
          "invalid_parameter",
          "option "
              + key.optionName()
              + " holds for all rows of a call: set it there, not in a request's parameters");
    }
    return key;
  }
}
