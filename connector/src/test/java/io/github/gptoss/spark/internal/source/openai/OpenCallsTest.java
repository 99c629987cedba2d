package io.github.gptoss.spark.internal.source.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.completions.CompletionSchema;
import java.util.Arrays;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class OpenCallsTest {
  private static Row call(String id, String result, String error) {
    return new GenericRowWithSchema(
        new Object[] {id, "f", "{}", result, error}, CompletionSchema.TOOL_CALL);
  }

  @Test
  void callsThatToolsAnsweredAreNoPartOfAnAnswer() {
    Row completion =
        new GenericRowWithSchema(
            new Object[] {
              CollectionConverters.asScala(
                      Arrays.asList(
                          call("a", "1", null), call("b", null, "no"), call("c", null, null)))
                  .toSeq()
            },
            new StructType()
                .add("tool_calls", DataTypes.createArrayType(CompletionSchema.TOOL_CALL, false)));
    assertThat(AnswerLine.openCalls(completion))
        .extracting(open -> open.getString(0))
        .containsExactly("c");
  }
}
