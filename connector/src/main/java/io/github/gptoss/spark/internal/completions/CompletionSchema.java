package io.github.gptoss.spark.internal.completions;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The struct that a row receives. Field order is part of the contract. */
public final class CompletionSchema {
  private CompletionSchema() {}

  /** One call of a function; the engine does not run it. */
  public static final StructType TOOL_CALL =
      new StructType()
          .add("id", DataTypes.StringType)
          .add("name", DataTypes.StringType)
          .add("arguments", DataTypes.StringType);

  /** Token counts; output_tokens includes reasoning_tokens, input_tokens includes cached_tokens. */
  public static final StructType USAGE =
      new StructType()
          .add("input_tokens", DataTypes.IntegerType)
          .add("output_tokens", DataTypes.IntegerType)
          .add("total_tokens", DataTypes.IntegerType)
          .add("reasoning_tokens", DataTypes.IntegerType)
          .add("cached_tokens", DataTypes.IntegerType);

  private static final StructType COMPLETION =
      new StructType()
          .add("response", DataTypes.StringType)
          .add("reasoning", DataTypes.StringType)
          .add("tool_calls", DataTypes.createArrayType(TOOL_CALL, false))
          .add("parsed", DataTypes.StringType)
          .add("finish_reason", DataTypes.StringType)
          .add("usage", USAGE)
          .add("error_code", DataTypes.StringType)
          .add("error_message", DataTypes.StringType)
          .add("salvaged", DataTypes.BooleanType)
          .add("commentary", DataTypes.StringType);

  private static final StructType COMPLETION_WITH_TOKENS =
      COMPLETION
          .add("prompt_tokens", DataTypes.createArrayType(DataTypes.IntegerType, false))
          .add("completion_tokens", DataTypes.createArrayType(DataTypes.IntegerType, false));

  /** The completion struct, with the token ids at its end where they are asked for. */
  public static StructType completion(boolean includeTokens) {
    return includeTokens ? COMPLETION_WITH_TOKENS : COMPLETION;
  }
}
