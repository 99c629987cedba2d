package io.github.gptoss.spark.internal.eval;

import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.internal.grading.Grade;
import io.github.gptoss.spark.internal.grading.Grader;
import io.github.gptoss.spark.internal.grading.Graders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF2;
import scala.jdk.javaapi.CollectionConverters;

/** Grades a row's answer by its key, as a function of Spark's; travels as the grader's name. */
final class Grading implements UDF2<String, String, Row> {
  private static final long serialVersionUID = 1L;

  private final String name;
  private transient Grader grader;

  Grading(String name) {
    this.name = name;
  }

  /** A struct of {@link SampleSchema#GRADES}; what is wrong with the key is in its error. */
  @Override
  public Row call(String response, String key) {
    if (key == null) {
      return failed("the row has no key");
    }
    if (grader == null) {
      grader = Graders.of(name);
    }
    try {
      Grade grade = grader.grade(response, key);
      return RowFactory.create(
          grade.extracted(),
          grade.isParsed(),
          grade.isCorrect(),
          grade.score(),
          CollectionConverters.asScala(grade.parts()),
          null);
    } catch (InvalidRequestException e) {
      return failed(e.getMessage());
    }
  }

  private static Row failed(String reason) {
    return RowFactory.create(null, null, null, null, null, reason);
  }
}
