package io.github.gptoss.spark.functions;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.executor.PromptRow;
import io.github.gptoss.spark.schema.CompletionSchema;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * What a call of a function says beyond its expressions, the same for every row.
 *
 * @param name the function's
 * @param isMessages whether its input is message JSON rather than a prompt
 * @param constants the options that the call itself sets for all rows
 * @param perRow the options whose values are expressions, in the expressions' order
 * @param options {@code constants} over the session's configuration
 */
record FunctionCall(
    String name,
    boolean isMessages,
    Map<OptionKey, String> constants,
    List<OptionKey> perRow,
    OptionValues options)
    implements Serializable {

  /** The type of a completion. */
  StructType type() {
    return CompletionSchema.completion(options.booleanValue(OptionKey.INCLUDE_TOKENS));
  }

  /** How many expressions a call has: the input, then one for each option of {@link #perRow}. */
  int arity() {
    return 1 + perRow.size();
  }

  /**
   * What one row asks.
   *
   * @param values the expressions' values, strings all; null where an option is not to be changed
   */
  PromptRow prompt(InternalRow values) {
    Map<OptionKey, String> overrides = perRow.isEmpty() ? Map.of() : new EnumMap<>(OptionKey.class);
    for (int i = 1; i < arity(); i++) {
      String value = text(values, i);
      if (value != null) {
        overrides.put(perRow.get(i - 1), value);
      }
    }
    return new PromptRow(text(values, 0), isMessages, overrides);
  }

  private static String text(InternalRow values, int index) {
    return values.isNullAt(index) ? null : values.getUTF8String(index).toString();
  }
}
