package io.github.gptoss.spark.internal.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.internal.grading.GraderSettings;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import io.github.gptoss.spark.internal.sql.rules.TableCompletion;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * The grader {@code judge}: the model that answers, asked once more, says by a rubric what an
 * answer is worth. Its own answer is one of the verdicts, by construction.
 *
 * @param rubric the judge's instructions
 * @param verdicts scores, 0 to 1, by what the judge may say; right is what has score 1
 * @param reasoningEffort of the judge
 * @param maxTokens of the judge, reasoning included
 */
record Judge(String rubric, Map<String, Double> verdicts, String reasoningEffort, int maxTokens) {
  static final String NAME = GraderSettings.JUDGE;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROMPT = "__gptoss_judged";
  private static final int MAX_TOKENS = 4096;

  /** What judging has in common with answering: one account, and one cache. */
  private static final List<OptionKey> SHARED =
      List.of(OptionKey.TOKEN_BUDGET, OptionKey.TIME_BUDGET, OptionKey.COMPLETION_CACHE);

  /**
   * The judge that a grader's text asks for.
   *
   * @return null where it asks for another grader
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a setting is wrong
   */
  static Judge of(String grader) {
    GraderSettings settings = GraderSettings.of(grader);
    if (!settings.grader().equals(NAME)) {
      return null;
    }
    settings.only("rubric", "verdicts", "reasoning_effort", "max_tokens");
    ObjectNode given = settings.given();
    JsonNode rubric = given.path("rubric");
    if (!rubric.isTextual() || rubric.textValue().isBlank()) {
      throw EvalErrors.noRubric();
    }
    String effort = given.path("reasoning_effort").asText("medium");
    if (!OptionValues.EFFORTS.contains(effort)) {
      throw settings.wrong("reasoning_effort", "low, medium, high or none");
    }
    JsonNode tokens = given.path("max_tokens");
    if (!tokens.isMissingNode() && !(tokens.canConvertToInt() && tokens.intValue() > 0)) {
      throw settings.wrong("max_tokens", "a whole number of at least 1");
    }
    return new Judge(rubric.textValue(), verdicts(settings), effort, tokens.asInt(MAX_TOKENS));
  }

  private static Map<String, Double> verdicts(GraderSettings settings) {
    JsonNode given = settings.given().path("verdicts");
    Map<String, Double> verdicts = new LinkedHashMap<>();
    if (given.isMissingNode()) {
      verdicts.put("correct", 1.0);
      verdicts.put("incorrect", 0.0);
      return verdicts;
    }
    given.properties().forEach(v -> verdicts.put(v.getKey(), v.getValue().asDouble(-1)));
    boolean isRange =
        verdicts.values().stream().allMatch(score -> score >= 0 && score <= 1)
            && verdicts.containsValue(1.0);
    if (verdicts.size() < 2 || !isRange) {
      throw settings.wrong(
          "verdicts", "an object of at least two verdicts with scores from 0 to 1, one of them 1");
    }
    return verdicts;
  }

  /**
   * Adds the columns {@link SampleSchema#JUDGEMENT} and {@link SampleSchema#GRADE}; lazy. A row
   * without an answer is wrong, and is not judged.
   *
   * @param question null where the judge is shown none
   * @param response of the row
   * @param call that completed the rows
   */
  Dataset<Row> grade(Dataset<Row> rows, Column question, Column response, ResolvedCall call) {
    Column key = functions.col(SampleSchema.evaluation(SampleSchema.KEY));
    Column none = functions.lit(null).cast(DataTypes.StringType);
    Column prompt =
        functions.concat_ws(
            "\n\n",
            part("Question", question == null ? none : question),
            part("Reference answer", key),
            part("Answer to judge", response));
    Dataset<Row> asked = rows.withColumn(PROMPT, prompt);
    Dataset<Row> judged =
        TableCompletion.of(rows.sparkSession(), asked.schema(), call(call))
            .goOn(asked, response.isNotNull(), SampleSchema.JUDGEMENT);
    Column verdict = functions.col(SampleSchema.JUDGEMENT + ".response");
    // What was cut has no form.
    Column whole =
        functions.when(functions.col(SampleSchema.JUDGEMENT + ".error_code").isNull(), verdict);
    return judged.drop(PROMPT).withColumn(SampleSchema.GRADE, grade(response, whole));
  }

  private static Column part(String head, Column text) {
    return functions.when(text.isNotNull(), functions.concat(functions.lit(head + ":\n"), text));
  }

  private Column grade(Column response, Column verdict) {
    Column score = functions.lit(null).cast(DataTypes.DoubleType);
    for (Map.Entry<String, Double> known : verdicts.entrySet()) {
      score =
          functions
              .when(verdict.equalTo(known.getKey()), functions.lit(known.getValue()))
              .otherwise(score);
    }
    Column isWrong = response.isNull();
    Column worth = functions.when(isWrong, functions.lit(0.0)).otherwise(score);
    Column parts = functions.map().cast(SampleSchema.GRADES.apply("parts").dataType());
    Column[] fields = {
      verdict.as("extracted"),
      functions.not(isWrong).as("parsed"),
      worth.equalTo(1.0).as("correct"),
      worth.as("score"),
      parts.as("parts"),
      functions
          .when(worth.isNull(), functions.lit("the judge came to no verdict within its tokens"))
          .as("error")
    };
    return functions.struct(fields);
  }

  private ResolvedCall call(ResolvedCall answering) {
    Map<OptionKey, String> options = new EnumMap<>(OptionKey.class);
    options.put(OptionKey.PROMPT_COL, PROMPT);
    options.put(OptionKey.OUTPUT_COL, SampleSchema.JUDGEMENT);
    options.put(OptionKey.DEVELOPER_PROMPT, rubric);
    options.put(OptionKey.REASONING_EFFORT, reasoningEffort);
    options.put(OptionKey.MAX_TOKENS, String.valueOf(maxTokens));
    for (OptionKey shared : SHARED) {
      if (answering.options().isSet(shared)) {
        options.put(shared, answering.options().text(shared));
      }
    }
    ObjectNode form = JSON.createObjectNode();
    ArrayNode choice = form.putArray("choice");
    verdicts.keySet().forEach(choice::add);
    options.put(OptionKey.STRUCTURED_OUTPUTS, form.toString());
    return answering.ofSameModel(options);
  }
}
