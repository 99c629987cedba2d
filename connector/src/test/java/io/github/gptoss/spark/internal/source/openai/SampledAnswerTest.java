package io.github.gptoss.spark.internal.source.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.spark.internal.completions.CompletionSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** What OpenAI's files say of rows that have several samples. */
class SampledAnswerTest {
  private static final StructType COMPLETION = CompletionSchema.completion(false);
  private static final StructType CHOICE =
      (StructType)
          ((ArrayType) COMPLETION.apply(CompletionSchema.CHOICES).dataType()).elementType();

  /** A sample that answered, or where the answer is null, failed. */
  private static Row row(
      StructType type, int index, String answer, List<Row> choices, Double share) {
    List<Object> values = new ArrayList<>();
    for (String field : type.fieldNames()) {
      boolean isError = answer == null;
      values.add(
          switch (field) {
            case "index" -> index;
            case "response" -> answer;
            case "tool_calls" -> seq(List.of());
            case "finish_reason" -> isError ? "error" : "stop";
            case "usage" ->
                new GenericRowWithSchema(new Object[] {5, 2, 7, 1, 0}, CompletionSchema.USAGE);
            case "error_code" -> isError ? "internal_error" : null;
            case "error_message" -> isError ? "the engine failed" : null;
            case "salvaged" -> false;
            case "tool_rounds" -> 0;
            case "choices" -> choices == null ? null : seq(choices);
            case "vote_share" -> share;
            default -> null;
          });
    }
    return new GenericRowWithSchema(values.toArray(), type);
  }

  private static Object seq(List<Row> rows) {
    return CollectionConverters.asScala(rows).toSeq();
  }

  /**
   * A line of a row with these samples.
   *
   * @param winner which of them is the row's
   */
  private static AnswerLine line(String url, int winner, Double share, String... answers) {
    List<Row> choices = new ArrayList<>();
    for (int i = 0; i < answers.length; i++) {
      choices.add(row(CHOICE, i, answers[i], null, null));
    }
    return line(url, row(COMPLETION, 0, answers[winner], choices, share));
  }

  private static AnswerLine line(String url, Row completion) {
    return new AnswerLine(
        RowFactory.create("one", url, "demo", 3L, completion), new AnswerIds("run", 0, 0), 7);
  }

  private static JsonNode body(AnswerLine line) {
    JsonNode json = line.toJson();
    assertThat(json.at("/custom_id").asText()).isEqualTo("one");
    return json.at("/response/body");
  }

  @Test
  void aChoiceThatFailedIsBesideTheOthers() {
    AnswerLine line = line(RequestLine.CHAT, 0, null, null, "b", "c");
    assertThat(line.isError()).isFalse();
    assertThat(line.toJson().at("/error").isNull()).isTrue();
    JsonNode choices = body(line).get("choices");
    assertThat(choices).hasSize(3);
    assertThat(choices.get(0).at("/finish_reason").asText()).isEqualTo("error");
    assertThat(choices.get(0).at("/message/content").isNull()).isTrue();
    assertThat(choices.get(0).at("/error/code").asText()).isEqualTo("internal_error");
    assertThat(choices.get(0).at("/error/message").asText()).isEqualTo("the engine failed");
    for (int i = 1; i < 3; i++) {
      assertThat(choices.get(i).get("index").asInt()).isEqualTo(i);
      assertThat(choices.get(i).at("/message/content").asText()).isEqualTo(i == 1 ? "b" : "c");
      assertThat(choices.get(i).has("error")).isFalse();
    }
  }

  @Test
  void aLineIsAnErrorWhereAllChoicesFailed() {
    AnswerLine line = line(RequestLine.CHAT, 0, null, null, null);
    assertThat(line.isError()).isTrue();
    assertThat(line.toJson().at("/error/code").asText()).isEqualTo("internal_error");
    assertThat(line.toJson().at("/response/status_code").asInt()).isEqualTo(500);
  }

  @Test
  void aVoteLeavesTheChoiceThatWon() {
    AnswerLine line = line(RequestLine.CHAT, 1, 2.0 / 3, "a", "b", "b");
    assertThat(line.isError()).isFalse();
    JsonNode choices = body(line).get("choices");
    assertThat(choices).hasSize(1);
    assertThat(choices.get(0).at("/message/content").asText()).isEqualTo("b");
    assertThat(choices.get(0).get("vote_share").asDouble()).isEqualTo(2.0 / 3);
  }

  @Test
  void aVoteThatNothingWonIsAnErrorIfItsFirstSampleIs() {
    assertThat(line(RequestLine.CHAT, 0, 0.0, null, "").isError()).isTrue();
    assertThat(line(RequestLine.CHAT, 0, 0.0, "", null).isError()).isFalse();
  }

  @Test
  void aResponseIsTheCompletions() {
    AnswerLine line = line(RequestLine.RESPONSES, 0, null, "a", null);
    assertThat(line.isError()).isFalse();
    assertThat(body(line).at("/output/0/content/0/text").asText()).isEqualTo("a");
    assertThat(body(line).has("choices")).isFalse();
    assertThat(line(RequestLine.RESPONSES, 0, null, null, "b").isError()).isTrue();
  }

  @Test
  void aCompletionThatWasStoredWithoutTheseFieldsHasOneChoice() {
    StructType sample = CompletionSchema.sample(false);
    assertThat(Arrays.asList(sample.fieldNames())).doesNotContain("choices", "vote_share");
    AnswerLine line = line(RequestLine.CHAT, row(sample, 0, "a", null, null));
    assertThat(line.isError()).isFalse();
    JsonNode choices = body(line).get("choices");
    assertThat(choices).hasSize(1);
    assertThat(choices.get(0).at("/message/content").asText()).isEqualTo("a");
  }
}
