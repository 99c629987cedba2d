package io.github.gptoss.spark.internal.tools;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a table answers, by the values of its key columns.
 *
 * @param keys names of the columns
 * @param areNumbers whether each of them holds numbers
 * @param byKey JSON by keys in their {@link Order}, numbers being written as {@link #number}
 */
record LookupRows(List<String> keys, List<Boolean> areNumbers, TreeMap<List<String>, String> byKey)
    implements Serializable {
  /**
   * @param answers JSON by keys
   */
  static LookupRows of(
      List<String> keys, List<Boolean> areNumbers, Map<List<String>, String> answers) {
    TreeMap<List<String>, String> byKey = new TreeMap<>(Order.OF_KEYS);
    byKey.putAll(answers);
    return new LookupRows(List.copyOf(keys), List.copyOf(areNumbers), byKey);
  }

  /** Values that are one number have one text. */
  static String number(java.math.BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  /** The keys from one on that begins as these values are; those before it, the other way. */
  NavigableMap<List<String>, String> from(List<String> values) {
    return byKey.tailMap(values, true);
  }

  NavigableMap<List<String>, String> before(List<String> values) {
    return byKey.headMap(values, false).descendingMap();
  }

  /**
   * Column by column, texts that differ in case alone being neighbours; what keys begin with comes
   * before them.
   */
  private enum Order implements Comparator<List<String>> {
    OF_KEYS;

    @Override
    public int compare(List<String> a, List<String> b) {
      for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
        int order = String.CASE_INSENSITIVE_ORDER.compare(a.get(i), b.get(i));
        if (order == 0) {
          order = a.get(i).compareTo(b.get(i));
        }
        if (order != 0) {
          return order;
        }
      }
      return Integer.compare(a.size(), b.size());
    }
  }
}
