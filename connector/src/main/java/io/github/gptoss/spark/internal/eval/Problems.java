package io.github.gptoss.spark.internal.eval;

import io.github.gptoss.spark.internal.options.SparkConfs;
import io.github.gptoss.spark.internal.prompts.ColumnPath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * Makes samples of a table of problems: each problem as often as is asked, at each effort, with a
 * seed of its own. Where a problem comes from choices whose order means nothing, each sample has
 * them in an order of its own, which depends on seed, problem and number of the sample alone.
 */
final class Problems {
  private static final String LETTERS = "ABCDEFGHIJ";
  private static final String ORDER = "__gptoss_order";
  private static final String CHOICES = "__gptoss_choices";
  static final String QUESTION = "question";
  static final String OPTIONS = "options";

  private final EvalSpec spec;
  private final Dataset<Row> table;
  private final StructType schema;
  private final boolean caseSensitive;

  private Problems(EvalSpec spec, Dataset<Row> table) {
    this.spec = spec;
    this.table = table;
    schema = table.schema();
    caseSensitive = SparkConfs.isCaseSensitive(table.sparkSession());
  }

  /**
   * The samples of a table's problems; lazy. Of a benchmark they have the columns {@code question}
   * and, where there are choices, {@code options}, of another table all that it has; then {@code
   * evaluation}.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a column is missing or wrong
   */
  static Dataset<Row> samples(EvalSpec spec, Dataset<Row> table) {
    return new Problems(spec, table).samples();
  }

  private Dataset<Row> samples() {
    Column key =
        text("keys", find("keys", spec.columns().key(), names().key(), EvalArgument.KEY_COL));
    if (spec.benchmark() == Benchmark.TABLE) {
      checkFree();
      return asked(table, functions.struct(columns(schema)), key);
    }
    Column question =
        text(
            "questions",
            find(
                "questions",
                spec.columns().question(),
                names().question(),
                EvalArgument.QUESTION_COL));
    if (!spec.benchmark().isOfChoices()) {
      return asked(table, functions.struct(question.as("q"), key.as("k")), key)
          .select(question.as(QUESTION), functions.col(SampleSchema.EVALUATION));
    }
    Column choices = choices(key);
    Column content = functions.struct(question.as("q"), key.as("k"), choices.as("c"));
    Column shown =
        functions.transform(
            functions.col(ORDER), at -> functions.element_at(functions.col(CHOICES), at.plus(1)));
    Column lines =
        functions.transform(
            shown,
            (choice, at) ->
                functions.concat(functions.lit("("), letterOf(at), functions.lit(") "), choice));
    return asked(table.withColumn(CHOICES, choices), content, letter(key))
        .select(
            question.as(QUESTION),
            functions.array_join(lines, "\n").as(OPTIONS),
            functions.col(SampleSchema.EVALUATION));
  }

  private Benchmark.Columns names() {
    return spec.benchmark().columns();
  }

  private void checkFree() {
    for (String added :
        List.of(SampleSchema.EVALUATION, SampleSchema.GRADE, SampleSchema.JUDGEMENT)) {
      if (ColumnPath.find(schema, added, caseSensitive).isPresent()) {
        throw EvalErrors.taken(added);
      }
    }
    if (spec.columns().question() != null) {
      find("questions", spec.columns().question(), List.of(), EvalArgument.QUESTION_COL);
    }
  }

  private static Column[] columns(StructType schema) {
    return Arrays.stream(schema.fieldNames())
        .map(name -> functions.col(ColumnPath.quoted(name)))
        .toArray(Column[]::new);
  }

  /**
   * Each row as often as it is asked, with what tells its samples apart.
   *
   * @param content tells problems apart where no column does
   */
  private Dataset<Row> asked(Dataset<Row> rows, Column content, Column key) {
    Column problem = functions.col("__gptoss_problem");
    Column sample = functions.col("__gptoss_sample");
    Column effort = functions.col("__gptoss_effort");
    Column[] efforts = spec.efforts().stream().map(functions::lit).toArray(Column[]::new);
    Column numbers = functions.sequence(functions.lit(0), functions.lit(spec.samples() - 1));
    Dataset<Row> samples =
        rows.withColumn("__gptoss_problem", problem(content))
            .withColumn("__gptoss_sample", functions.explode(numbers))
            .withColumn("__gptoss_effort", functions.explode(functions.array(efforts)));
    if (spec.benchmark().isOfChoices()) {
      samples = samples.withColumn(ORDER, order(problem, sample));
    }
    return samples
        .withColumn(
            SampleSchema.EVALUATION,
            functions.struct(
                functions.concat_ws("/", problem, effort, sample).as(SampleSchema.ID),
                problem.as(SampleSchema.PROBLEM),
                sample.as(SampleSchema.SAMPLE),
                effort.as(SampleSchema.EFFORT),
                group().as(SampleSchema.GROUP),
                key.as(SampleSchema.KEY),
                // The same for all efforts: a cascade asks again with the row's own seed.
                functions
                    .xxhash64(functions.lit(spec.seed()), problem, sample)
                    .as(SampleSchema.SEED)))
        .drop("__gptoss_problem", "__gptoss_sample", "__gptoss_effort");
  }

  private Column problem(Column content) {
    String given = spec.columns().id();
    List<String> wanted = given == null ? names().id() : List.of(given);
    Optional<ColumnPath> found = first(wanted);
    if (found.isEmpty() && given != null) {
      throw EvalErrors.noId(given, schema);
    }
    return found
        .map(path -> path.column().cast(DataTypes.StringType))
        .orElseGet(
            () -> functions.substring(functions.sha2(functions.to_json(content), 256), 1, 16));
  }

  private Column group() {
    String given = spec.columns().group();
    if (given != null) {
      return text("groups", find("groups", given, List.of(), EvalArgument.GROUP_COL));
    }
    return first(names().group())
        .map(path -> text("groups", path))
        .orElseGet(() -> functions.lit(null).cast(DataTypes.StringType));
  }

  /** Places of the choices, from 0, as a sample shows them. */
  private Column order(Column problem, Column sample) {
    Column places = functions.transform(functions.col(CHOICES), (choice, at) -> at);
    if (spec.benchmark() != Benchmark.GPQA) {
      return places;
    }
    Column shuffled =
        functions.array_sort(
            functions.transform(
                places,
                at ->
                    functions.struct(
                        functions
                            .xxhash64(
                                functions.lit("order"),
                                functions.lit(spec.seed()),
                                problem,
                                sample,
                                at)
                            .as("draw"),
                        at.as("place"))));
    return functions.transform(shuffled, drawn -> drawn.getField("place"));
  }

  /** The choices, the right one of GPQA first. */
  private Column choices(Column key) {
    if (spec.benchmark() == Benchmark.GPQA) {
      List<Column> answers = new ArrayList<>(List.of(key));
      for (String name : Benchmark.WRONG_ANSWERS) {
        ColumnPath wrong =
            ColumnPath.find(schema, name, caseSensitive)
                .orElseThrow(() -> EvalErrors.noAnswer(name, schema));
        answers.add(text("answers", wrong));
      }
      return functions.array(answers.toArray(new Column[0]));
    }
    List<String> names = spec.benchmark().columns().choices();
    for (String name : names) {
      Optional<ColumnPath> list = ColumnPath.find(schema, name, caseSensitive);
      if (list.isPresent()
          && list.get().type() instanceof ArrayType array
          && array.elementType() instanceof StringType) {
        return list.get().column();
      }
    }
    List<Column> single = new ArrayList<>();
    for (int i = 0; i < LETTERS.length(); i++) {
      Optional<ColumnPath> choice =
          ColumnPath.find(schema, LETTERS.substring(i, i + 1), caseSensitive);
      if (choice.isEmpty()) {
        break;
      }
      single.add(text("choices", choice.get()));
    }
    if (single.size() < 2) {
      throw EvalErrors.noChoices(names);
    }
    return functions.filter(
        functions.array(single.toArray(new Column[0])), choice -> choice.isNotNull());
  }

  /** The letter under which a sample shows the right choice. */
  private Column letter(Column key) {
    if (spec.benchmark() == Benchmark.GPQA) {
      return letterOf(
          functions.array_position(functions.col(ORDER), 0).minus(1).cast(DataTypes.IntegerType));
    }
    Column answer = functions.trim(key);
    return functions
        .when(answer.rlike("^[0-9]$"), letterOf(answer.cast(DataTypes.IntegerType)))
        .otherwise(functions.upper(answer));
  }

  private static Column letterOf(Column place) {
    return functions.substring(functions.lit(LETTERS), place.plus(1), functions.lit(1));
  }

  private ColumnPath find(String role, String given, List<String> names, EvalArgument argument) {
    List<String> wanted = given == null ? names : List.of(given);
    return first(wanted).orElseThrow(() -> EvalErrors.noColumn(role, wanted, argument, schema));
  }

  private Optional<ColumnPath> first(List<String> names) {
    return names.stream()
        .map(name -> ColumnPath.find(schema, name, caseSensitive))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Column text(String role, ColumnPath path) {
    DataType type = path.type();
    if (!(type instanceof StringType) && !(type instanceof NumericType)) {
      throw EvalErrors.wrongColumn(role, type, "a string or a number");
    }
    return path.column().cast(DataTypes.StringType);
  }
}
