package io.github.gptoss.spark.internal.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.job.JobArguments;
import io.github.gptoss.spark.internal.job.JobSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvalArgumentsTest {
  private static EvalRun evaluation(String... more) {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", "in", "--input-format", "json", "--output", "out"));
    args.addAll(List.of("--model", "demo"));
    args.addAll(List.of(more));
    return EvalProgram.evaluation(
        JobArguments.parse(new EvalProgram().arguments(), args.toArray(new String[0])));
  }

  @Test
  void aBenchmarkSaysWhatIsNotSaid() {
    EvalRun run = evaluation("--benchmark", "GPQA");
    assertThat(run.spec().samples()).isEqualTo(8);
    assertThat(run.spec().efforts()).containsExactly("low", "medium", "high");
    assertThat(run.spec().grader()).isEqualTo("choice");
    assertThat(run.completion()).isEqualTo("completion");
    JobSpec job = run.job();
    assertThat(job.mode()).isEqualTo(JobSpec.Mode.BATCH);
    assertThat(job.idColumn()).isEqualTo("evaluation.id");
    assertThat(job.options())
        .containsEntry("temperature", "1")
        .containsEntry("seed_col", "evaluation.seed")
        .containsEntry("reasoning_effort_col", "evaluation.effort")
        .containsKey("prompt_template");
  }

  @Test
  void whatIsSaidIsStronger() {
    EvalRun run =
        evaluation(
            "--benchmark",
            "mmlu_pro",
            "--samples",
            "3",
            "--efforts",
            "High,low",
            "--grader",
            "exact",
            "--seed",
            "9",
            "--temperature",
            "0.5",
            "--prompt-template",
            "{question}",
            "--id-col",
            "nr",
            "--output-col",
            "answer",
            "--delta",
            "0.2");
    assertThat(run.spec().efforts()).containsExactly("low", "high");
    assertThat(run.spec().seed()).isEqualTo(9);
    assertThat(run.spec().grader()).isEqualTo("exact");
    assertThat(run.spec().columns().id()).isEqualTo("nr");
    assertThat(run.spec().delta()).isEqualTo(0.2);
    assertThat(run.completion()).isEqualTo("answer");
    assertThat(run.job().options())
        .containsAllEntriesOf(Map.of("temperature", "0.5", "prompt_template", "{question}"));
  }

  @Test
  void aTableOfOnesOwnKeepsItsPrompts() {
    assertThat(evaluation("--grader", "exact").job().options())
        .doesNotContainKey("prompt_template");
    assertThat(evaluation("--grader", "exact").spec().samples()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "|needs --grader",
        "--benchmark gpqqa|did you mean 'gpqa'?",
        "--benchmark gpqa --grader choise|did you mean 'choice'?",
        "--grader exact --samples 0|--samples must be at least 1",
        "--grader exact --samples some|--samples",
        "--grader exact --efforts low,huge|what is no reasoning effort",
        "--grader exact --reasoning-effort low|--efforts in the place of",
        "--grader exact --set seed_col=s|leave seed_col out",
        "--grader exact --set n=2|give --samples, and leave n and vote out",
        "--grader exact --set n_col=c|leave n and vote out",
        "--grader exact --set vote=majority|leave n and vote out",
        "--grader exact --target-accuracy 1|above 0 and below 1",
        "--grader exact --target-accuracy 0.9 --delta 0|above 0 and below 1",
        "--grader exact --target-accuracy 0.9 --efforts low,high|follow each other up to high",
        "--grader exact --target-accuracy 0.9 --efforts high|follow each other up to high",
        "--grader exact --baseline a --baseline-table b|exclude each other",
        "--grader judge|needs a rubric",
        "--grader {\"type\":\"judge\",\"rubrics\":\"x\"}|did you mean 'rubric'?",
        "--grader {\"type\":\"judge\",\"rubric\":\"x\",\"verdicts\":{\"a\":1}}|at least two verdicts",
        "--grader {\"type\":\"judge\",\"rubric\":\"x\",\"verdicts\":{\"a\":0.5,\"b\":0}}|one of them 1",
        "--grader {\"type\":\"judge\",\"rubric\":\"x\",\"max_tokens\":0}|at least 1",
        "--grader exact --mode batch|unknown argument '--mode'",
        "--grader exact --graider x|did you mean '--grader'?"
      })
  void refusesWrongArgumentsInOneLine(String args, String message) {
    String[] given = args == null || args.isEmpty() ? new String[0] : args.split(" ");
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> evaluation(given))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void helpListsItsArgumentsAndTheJobs() {
    String help = new EvalProgram().help();
    assertThat(help)
        .contains("--benchmark NAME", "--input-format", "--target-accuracy SHARE", "GptOssEval");
    assertThat(help).doesNotContain("--batch-files");
    assertThat(help.lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(121));
  }
}
