package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.conf.OptionKey;
import java.util.EnumMap;
import java.util.Map;
import org.apache.spark.sql.Row;

/** Reads whole requests, structs of {@code RequestSchema}. */
final class RequestRows {
  private static final int MESSAGES = 0;
  private static final int PARAMETERS = 1;
  private static final int ERROR_CODE = 2;
  private static final int ERROR_MESSAGE = 3;

  private RequestRows() {}

  /**
   * What a request asks.
   *
   * @param isMessages whether it asks with message JSON, else with a prompt
   * @throws InvalidRequestException if the request says that there is none, or a parameter is
   *     unknown or holds for all rows of a call
   */
  static PromptRow promptRow(Row request, boolean isMessages) {
    if (!request.isNullAt(ERROR_CODE)) {
      throw new InvalidRequestException(
          request.getString(ERROR_CODE), request.getString(ERROR_MESSAGE));
    }
    Map<OptionKey, String> overrides = new EnumMap<>(OptionKey.class);
    if (!request.isNullAt(PARAMETERS)) {
      request
          .<String, String>getJavaMap(PARAMETERS)
          .forEach((name, value) -> overrides.put(perRow(name), value));
    }
    return new PromptRow(request.getString(MESSAGES), isMessages, overrides);
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
