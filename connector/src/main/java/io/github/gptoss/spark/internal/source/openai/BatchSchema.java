package io.github.gptoss.spark.internal.source.openai;

import io.github.gptoss.spark.internal.prompts.RequestSchema;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns of a batch of requests. */
final class BatchSchema {
  static final String CUSTOM_ID = "custom_id";
  static final String METHOD = "method";
  static final String URL = "url";
  static final String MODEL = "model";
  static final String BODY = "body";
  static final String REQUEST = RequestSchema.DEFAULT_COLUMN;
  static final String LINE = "line";

  /** {@code model} is body.model; {@code line} counts from 1 within its file. */
  static final StructType REQUESTS =
      new StructType()
          .add(CUSTOM_ID, DataTypes.StringType)
          .add(METHOD, DataTypes.StringType)
          .add(URL, DataTypes.StringType)
          .add(MODEL, DataTypes.StringType)
          .add(BODY, DataTypes.StringType)
          .add(REQUEST, RequestSchema.REQUEST)
          .add(LINE, DataTypes.LongType);

  private BatchSchema() {}
}
