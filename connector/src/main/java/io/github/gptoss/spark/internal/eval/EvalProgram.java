package io.github.gptoss.spark.internal.eval;

import io.github.gptoss.spark.internal.grading.Graders;
import io.github.gptoss.spark.internal.job.Argument;
import io.github.gptoss.spark.internal.job.JobArgument;
import io.github.gptoss.spark.internal.job.JobArguments;
import io.github.gptoss.spark.internal.job.JobRun;
import io.github.gptoss.spark.internal.job.JobSpec;
import io.github.gptoss.spark.internal.job.Program;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionName;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.options.SparkConfs;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.SparkConf;

/** The evaluation as a program: what its arguments say. */
public final class EvalProgram implements Program {
  /** Those of the job that an evaluation has no use for. */
  private static final List<JobArgument> WITHOUT =
      List.of(JobArgument.MODE, JobArgument.BATCH_FILES);

  private static final double DELTA = 0.05;

  @Override
  public String head() {
    return """
    Usage: spark-submit [spark options] --class io.github.gptoss.spark.GptOssEval gptoss-spark.jar --input PATH
           --input-format FORMAT --output PATH --model DIR|demo [--benchmark NAME | --grader GRADER] [arguments]
    Answers a table of problems with a gpt-oss model, grades the answers, and writes a Delta table of one row a
    sample and a page of scores.
    """;
  }

  @Override
  public List<Argument> arguments() {
    List<Argument> all = new ArrayList<>(Arrays.asList(EvalArgument.values()));
    for (JobArgument argument : JobArgument.values()) {
      if (!WITHOUT.contains(argument)) {
        all.add(argument);
      }
    }
    return all;
  }

  @Override
  public String run(JobArguments arguments) throws Exception {
    EvalRun run = evaluation(arguments);
    return JobRun.inSession(
        run.job(),
        spark -> run.job().dryRun() ? JobRun.dryRun(spark, run.job()) : run.run(spark, System.err));
  }

  /**
   * What the arguments ask for.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if one is wrong
   */
  static EvalRun evaluation(JobArguments arguments) {
    JobSpec job = arguments.spec();
    OptionValues given = ResolvedCall.resolve(job.options(), SparkConfs.of(new SparkConf()));
    EvalSpec spec = spec(arguments, given);
    Judge judge = Judge.of(spec.grader());
    if (judge == null) {
      // What is wrong with it shows now.
      var unused = Graders.of(spec.grader());
    }
    return new EvalRun(
        spec,
        job.with(
            new EvalSteps(spec, judge),
            SampleSchema.evaluation(SampleSchema.ID),
            options(spec, job.options(), given)),
        given.text(OptionKey.OUTPUT_COL));
  }

  private static EvalSpec spec(JobArguments arguments, OptionValues given) {
    Benchmark benchmark = benchmark(arguments.text(EvalArgument.BENCHMARK));
    String grader = arguments.text(EvalArgument.GRADER);
    if (grader == null && benchmark.grader() == null) {
      throw EvalErrors.noGrader();
    }
    if (given.isGiven(OptionKey.REASONING_EFFORT)) {
      throw EvalErrors.effortsByOption();
    }
    if (given.columns().containsKey(OptionKey.SEED)) {
      throw EvalErrors.seedByColumn();
    }
    boolean isSampled = given.columns().containsKey(OptionKey.N) || given.intValue(OptionKey.N) > 1;
    if (isSampled || given.votes()) {
      throw EvalErrors.samplesByOption();
    }
    Double delta = arguments.share(EvalArgument.DELTA);
    return new EvalSpec(
        benchmark,
        grader == null ? benchmark.grader() : grader,
        (int) arguments.number(EvalArgument.SAMPLES, benchmark.samples(), Integer.MAX_VALUE),
        efforts(arguments.text(EvalArgument.EFFORTS)),
        given.longValue(OptionKey.SEED),
        new EvalSpec.GivenColumns(
            arguments.text(EvalArgument.QUESTION_COL),
            arguments.text(EvalArgument.KEY_COL),
            arguments.text(EvalArgument.GROUP_COL),
            arguments.text(JobArgument.ID_COL)),
        baseline(arguments),
        arguments.share(EvalArgument.TARGET_ACCURACY),
        delta == null ? DELTA : delta);
  }

  private static Benchmark benchmark(String name) {
    List<String> known = Arrays.stream(Benchmark.values()).map(Benchmark::text).toList();
    String wanted = name == null ? Benchmark.TABLE.text() : name.strip().toLowerCase(Locale.ROOT);
    int at = known.indexOf(wanted.replace('_', '-'));
    if (at < 0) {
      throw EvalErrors.unknownBenchmark(known, wanted);
    }
    return Benchmark.values()[at];
  }

  private static List<String> efforts(String list) {
    if (list == null) {
      return List.of("low", "medium", "high");
    }
    List<String> efforts =
        Arrays.stream(list.toLowerCase(Locale.ROOT).split(",")).map(String::strip).toList();
    if (efforts.isEmpty() || !OptionValues.EFFORTS.containsAll(efforts)) {
      throw EvalErrors.unknownEffort();
    }
    return efforts;
  }

  private static EvalSpec.Baseline baseline(JobArguments arguments) {
    String path = arguments.text(EvalArgument.BASELINE);
    String table = arguments.text(EvalArgument.BASELINE_TABLE);
    if (path != null && table != null) {
      throw EvalErrors.exclusiveBaselines();
    }
    return path == null && table == null ? null : new EvalSpec.Baseline(path, table);
  }

  /** The job's options, with what the evaluation says where they say nothing. */
  private static Map<String, String> options(
      EvalSpec spec, Map<String, String> own, OptionValues given) {
    Map<String, String> options = new LinkedHashMap<>(own);
    if (!given.isGiven(OptionKey.TEMPERATURE)) {
      options.put(OptionKey.TEMPERATURE.optionName(), "1");
    }
    boolean isAsked = OptionValues.PROMPT_SOURCES.stream().anyMatch(given::isSet);
    if (spec.benchmark() != Benchmark.TABLE && !isAsked) {
      options.put(OptionKey.PROMPT_TEMPLATE.optionName(), spec.benchmark().promptTemplate());
    }
    options.put(
        new OptionName(OptionKey.REASONING_EFFORT, true).text(),
        SampleSchema.evaluation(SampleSchema.EFFORT));
    options.put(
        new OptionName(OptionKey.SEED, true).text(), SampleSchema.evaluation(SampleSchema.SEED));
    return options;
  }
}
