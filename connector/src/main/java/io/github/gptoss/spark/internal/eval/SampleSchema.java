package io.github.gptoss.spark.internal.eval;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns that an evaluation adds to its rows. */
final class SampleSchema {
  /** Which sample a row is. */
  static final String EVALUATION = "evaluation";

  /** What its answer is worth. */
  static final String GRADE = "grade";

  /** What the model says as judge of it. */
  static final String JUDGEMENT = "judgement";

  static final String ID = "id";
  static final String PROBLEM = "problem";
  static final String SAMPLE = "sample";
  static final String EFFORT = "effort";
  static final String GROUP = "group";
  static final String KEY = "key";
  static final String SEED = "seed";

  /** {@code correct} is null where {@code error} says why the answer cannot be graded. */
  static final StructType GRADES =
      new StructType()
          .add("extracted", DataTypes.StringType)
          .add("parsed", DataTypes.BooleanType)
          .add("correct", DataTypes.BooleanType)
          .add("score", DataTypes.DoubleType)
          .add("parts", DataTypes.createMapType(DataTypes.StringType, DataTypes.BooleanType, false))
          .add("error", DataTypes.StringType);

  private SampleSchema() {}

  static String evaluation(String field) {
    return EVALUATION + "." + field;
  }

  static String grade(String field) {
    return GRADE + "." + field;
  }
}
