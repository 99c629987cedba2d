package io.github.gptoss.spark.internal.options;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.error.InvalidRequestException;

/**
 * The error conditions that Spark's exceptions carry, in the way of Spark's own, with the SQLSTATE
 * of each. The names are stable: programs may compare them.
 */
public enum Condition {
  /** An argument of a SQL function is unknown, given twice, of the wrong type or not constant. */
  GPTOSS_INVALID_ARGUMENT("22023"),
  /** An option is unknown, out of its range, contradicts another one or is missing. */
  GPTOSS_INVALID_OPTION("22023"),
  /** A column that an option names is missing, ambiguous or of the wrong type. */
  GPTOSS_INVALID_COLUMN("42703"),
  /** The model is missing, damaged or cannot be reached. */
  GPTOSS_INVALID_MODEL("58030"),
  /** A row could not be completed, and option {@code fail_on_error} is true. */
  GPTOSS_ROW_FAILED("22000"),
  /** Anything else that went wrong while rows were completed or tables read. */
  GPTOSS_FAILED("58000");

  private final String sqlState;

  Condition(String sqlState) {
    this.sqlState = sqlState;
  }

  String sqlState() {
    return sqlState;
  }

  /** The message as Spark writes one: the condition, the text, the SQLSTATE. */
  String message(String text) {
    return "[%s] %s SQLSTATE: %s".formatted(name(), text, sqlState);
  }

  static Condition of(GptOssException fault) {
    if (fault instanceof CallException call) {
      return call.condition();
    }
    if (fault instanceof InvalidConfigException) {
      return GPTOSS_INVALID_OPTION;
    }
    if (fault instanceof InvalidModelException) {
      return GPTOSS_INVALID_MODEL;
    }
    return fault instanceof InvalidRequestException ? GPTOSS_ROW_FAILED : GPTOSS_FAILED;
  }
}
