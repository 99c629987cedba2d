package io.github.gptoss.spark.internal.tools;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a table answers, by the values of its key columns.
 *
 * @param keys names of the columns
 * @param areNumbers whether each of them holds numbers
 * @param answers JSON by keys, numbers being written as {@link #number}
 */
record LookupRows(
    List<String> keys, List<Boolean> areNumbers, HashMap<List<String>, String> answers)
    implements Serializable {
  /** Values that are one number have one text. */
  static String number(java.math.BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  Map<List<String>, String> byKey() {
    return answers;
  }
}
