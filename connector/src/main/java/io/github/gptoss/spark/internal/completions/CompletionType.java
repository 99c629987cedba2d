package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.parsed.AnswerForm;
import io.github.gptoss.spark.internal.parsed.ParsedRangeException;
import io.github.gptoss.spark.internal.parsed.ParsedType;
import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The type of a call's completions: that of {@link CompletionSchema}, with what is parsed of the
 * answers in its own type.
 *
 * @param includeTokens whether completions carry the token ids
 */
public record CompletionType(boolean includeTokens, ParsedType parsed, StructType struct)
    implements Serializable {
  /** Where a value is beyond the type of {@code parsed}. */
  private static final String OUT_OF_RANGE = "parsed_out_of_range";

  /**
   * The type that options ask for.
   *
   * @throws io.github.gptoss.engine.error.GptOssException if the form of the answer is not what it
   *     must be
   */
  public static CompletionType of(OptionValues options) {
    boolean includeTokens = options.booleanValue(OptionKey.INCLUDE_TOKENS);
    ParsedType parsed = AnswerForm.parsedType(options);
    return new CompletionType(
        includeTokens, parsed, CompletionSchema.completion(includeTokens, parsed.type()));
  }

  /**
   * What is counted of a completion, as it is in this type.
   *
   * @param answer the text that is parsed; null where there is none
   */
  public CompletionFacts judged(CompletionFacts facts, String answer) {
    if (facts.isError() || answer == null || parsed.isText()) {
      return facts;
    }
    try {
      var unused = parsed.value(UTF8String.fromString(answer));
      return facts;
    } catch (ParsedRangeException e) {
      return new CompletionFacts(
          facts.usage(), facts.earlier(), facts.finishReason(), OUT_OF_RANGE);
    }
  }

  /**
   * A completion of this type.
   *
   * @param completion of the type that vectors have; null stays null
   */
  public InternalRow of(InternalRow completion) {
    if (completion == null || parsed.isText()) {
      return completion;
    }
    GenericInternalRow typed = typed(completion, struct);
    int choices = struct.fieldIndex(CompletionSchema.CHOICES);
    if (!completion.isNullAt(choices)) {
      StructType choice =
          (StructType) ((ArrayType) struct.fields()[choices].dataType()).elementType();
      ArrayData all = completion.getArray(choices);
      Object[] values = new Object[all.numElements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = typed(all.getStruct(i, choice.length()), choice);
      }
      typed.update(choices, new GenericArrayData(values));
    }
    return typed;
  }

  /** A completion or a choice, with what is parsed of its answer in its own type. */
  private GenericInternalRow typed(InternalRow completion, StructType type) {
    Object[] values = new Object[type.length()];
    int answer = type.fieldIndex(CompletionSchema.PARSED);
    for (int i = 0; i < values.length; i++) {
      if (i != answer && !completion.isNullAt(i)) {
        values[i] = completion.get(i, type.fields()[i].dataType());
      }
    }
    if (!completion.isNullAt(answer)) {
      try {
        values[answer] = parsed.value(completion.getUTF8String(answer));
      } catch (ParsedRangeException e) {
        values[type.fieldIndex("error_code")] = UTF8String.fromString(OUT_OF_RANGE);
        values[type.fieldIndex("error_message")] = UTF8String.fromString(e.getMessage());
      }
    }
    return new GenericInternalRow(values);
  }
}
