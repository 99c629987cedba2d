package io.github.gptoss.spark.internal.completions;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The struct that a row receives. Field order is part of the contract. */
public final class CompletionSchema {
  private CompletionSchema() {}

  /**
   * One call of a function, and what a tool answered: {@code result} or {@code error}; both are
   * null where no tool ran it.
   */
  public static final StructType TOOL_CALL =
      new StructType()
          .add("id", DataTypes.StringType)
          .add("name", DataTypes.StringType)
          .add("arguments", DataTypes.StringType)
          .add("result", DataTypes.StringType)
          .add("error", DataTypes.StringType);

  /** Token counts; output_tokens includes reasoning_tokens, input_tokens includes cached_tokens. */
  public static final StructType USAGE =
      new StructType()
          .add("input_tokens", DataTypes.IntegerType)
          .add("output_tokens", DataTypes.IntegerType)
          .add("total_tokens", DataTypes.IntegerType)
          .add("reasoning_tokens", DataTypes.IntegerType)
          .add("cached_tokens", DataTypes.IntegerType);

  /** What is parsed of the answer. */
  static final String PARSED = "parsed";

  /** The samples of a row that has several, each with the fields of a completion by itself. */
  public static final String CHOICES = "choices";

  /** Which sample a choice is, from 0 on. */
  public static final String INDEX = "index";

  /** The share of the samples that give the completion's answer. */
  public static final String VOTE_SHARE = "vote_share";

  private static final StructField COMPLETION_TOKENS = tokens("completion_tokens");
  private static final StructType COMPLETION = completion(false, DataTypes.StringType);
  private static final StructType COMPLETION_WITH_TOKENS = completion(true, DataTypes.StringType);
  private static final StructType SAMPLE = sample(false, DataTypes.StringType);
  private static final StructType SAMPLE_WITH_TOKENS = sample(true, DataTypes.StringType);

  private static StructField tokens(String name) {
    return DataTypes.createStructField(
        name, DataTypes.createArrayType(DataTypes.IntegerType, false), true);
  }

  /** What one sample has. */
  private static StructType one(DataType parsed) {
    return new StructType()
        .add("response", DataTypes.StringType)
        .add("reasoning", DataTypes.StringType)
        .add("tool_calls", DataTypes.createArrayType(TOOL_CALL, false))
        .add(PARSED, parsed)
        .add("finish_reason", DataTypes.StringType)
        .add("usage", USAGE)
        .add("error_code", DataTypes.StringType)
        .add("error_message", DataTypes.StringType)
        .add("salvaged", DataTypes.BooleanType)
        .add("commentary", DataTypes.StringType)
        .add("confidence", DataTypes.DoubleType)
        .add(
            "choice_probabilities",
            DataTypes.createMapType(DataTypes.StringType, DataTypes.DoubleType, false))
        .add("reasoning_effort", DataTypes.StringType)
        .add("tool_rounds", DataTypes.IntegerType);
  }

  /**
   * The completion struct as vectors have it, {@code parsed} being text; with the token ids at its
   * end where they are asked for.
   */
  public static StructType completion(boolean includeTokens) {
    return includeTokens ? COMPLETION_WITH_TOKENS : COMPLETION;
  }

  /** The completion struct without what only a row of several samples has. */
  public static StructType sample(boolean includeTokens) {
    return includeTokens ? SAMPLE_WITH_TOKENS : SAMPLE;
  }

  private static StructType sample(boolean includeTokens, DataType parsed) {
    return withTokens(includeTokens, one(parsed));
  }

  private static StructType withTokens(boolean includeTokens, StructType completion) {
    return includeTokens
        ? completion.add(tokens("prompt_tokens")).add(COMPLETION_TOKENS)
        : completion;
  }

  /** The completion struct with {@code parsed} of another type. */
  static StructType completion(boolean includeTokens, DataType parsed) {
    StructType one = one(parsed);
    StructType choice = new StructType().add(INDEX, DataTypes.IntegerType);
    for (StructField field : one.fields()) {
      choice = choice.add(field);
    }
    choice = includeTokens ? choice.add(COMPLETION_TOKENS) : choice;
    StructType completion =
        one.add(CHOICES, DataTypes.createArrayType(choice, false))
            .add(VOTE_SHARE, DataTypes.DoubleType);
    return withTokens(includeTokens, completion);
  }
}
