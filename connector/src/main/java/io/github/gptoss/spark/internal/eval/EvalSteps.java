package io.github.gptoss.spark.internal.eval;

import io.github.gptoss.spark.internal.job.RowSteps;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.prompts.ColumnPath;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * What an evaluation does beside completing: problems become samples, answers get grades.
 *
 * @param judge null for the graders that need no model
 */
record EvalSteps(EvalSpec spec, Judge judge) implements RowSteps {
  @Override
  public Dataset<Row> before(Dataset<Row> input) {
    return Problems.samples(spec, input);
  }

  @Override
  public Dataset<Row> after(Dataset<Row> completed, ResolvedCall call) {
    String completion = ColumnPath.quoted(call.options().text(OptionKey.OUTPUT_COL));
    Column response = functions.col(completion + ".response");
    if (judge != null) {
      return judge.grade(completed, question(), response, call);
    }
    Column grade =
        functions
            .udf(new Grading(spec.grader()), SampleSchema.GRADES)
            .apply(response, functions.col(SampleSchema.evaluation(SampleSchema.KEY)));
    return completed.withColumn(SampleSchema.GRADE, grade);
  }

  /** What the judge is shown of the problem; null where that is not known. */
  private Column question() {
    if (spec.benchmark() == Benchmark.TABLE) {
      String given = spec.columns().question();
      return given == null ? null : functions.col(given);
    }
    Column question = functions.col(Problems.QUESTION);
    return spec.benchmark().isOfChoices()
        ? functions.concat_ws("\n\n", question, functions.col(Problems.OPTIONS))
        : question;
  }

  @Override
  public List<String> added() {
    return List.of(SampleSchema.GRADE, SampleSchema.JUDGEMENT);
  }

  @Override
  public Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("benchmark", spec.benchmark().text());
    facts.put("grader", judge == null ? spec.grader() : Judge.NAME);
    facts.put("samples", spec.samples());
    facts.put("efforts", String.join(", ", spec.efforts()));
    facts.put("seed", spec.seed());
    return facts;
  }
}
