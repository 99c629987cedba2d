package io.github.gptoss.spark.internal.source.openai;

import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.prompts.PromptTables;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.CreatableRelationProvider;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * {@code format("openai-batch")}: reads OpenAI batch files as a table of requests, and writes a
 * table of answers as OpenAI's output and error files. Between the two stands {@code
 * format("gptoss")} with {@code input_format openai-batch}, or {@code GptOss.complete} with {@code
 * request_col request}.
 *
 * <p>Columns read: {@code custom_id}, {@code method}, {@code url}, {@code model} (body.model),
 * {@code body} (JSON), {@code request} (what the body asks in the connector's terms, or what is
 * wrong with the line), {@code line} (from 1 in its file). Columns written: {@code custom_id},
 * {@code completion} (option {@code output_col}), and {@code url}, {@code model} and {@code line}
 * where the table has them.
 */
public final class OpenAiBatchSource
    implements RelationProvider, CreatableRelationProvider, DataSourceRegister {
  private static final String PATH = "path";
  private static final String OUTPUT_COL = "outputcol";

  @Override
  public String shortName() {
    return PromptTables.OPENAI_BATCH;
  }

  @Override
  public BaseRelation createRelation(
      SQLContext context, scala.collection.immutable.Map<String, String> options) {
    return SparkFaults.analysed(
        () -> new BatchRelation(context, options(options, List.of(PATH)).get(PATH)));
  }

  @Override
  public BaseRelation createRelation(
      SQLContext context,
      SaveMode mode,
      scala.collection.immutable.Map<String, String> options,
      Dataset<Row> rows) {
    return SparkFaults.analysed(
        () -> {
          Map<String, String> values = options(options, List.of(PATH, OUTPUT_COL));
          new BatchWriter(rows, values.getOrDefault(OUTPUT_COL, "completion"))
              .write(values.get(PATH), mode);
          return new WrittenRelation(context, rows.schema());
        });
  }

  private static Map<String, String> options(
      scala.collection.immutable.Map<String, String> options, List<String> known) {
    Map<String, String> values = new TreeMap<>();
    CollectionConverters.asJava(options)
        .forEach(
            (name, value) -> {
              String folded = name.toLowerCase(Locale.ROOT).replace("_", "");
              if (!known.contains(folded)) {
                throw BatchErrors.unknownOption(
                    name,
                    known.stream().map(n -> n.equals(OUTPUT_COL) ? "output_col" : n).toList());
              }
              values.put(folded, value);
            });
    if (!values.containsKey(PATH)) {
      throw BatchErrors.noPath();
    }
    return values;
  }

  /** What was written; Spark wants to see its columns. */
  private static final class WrittenRelation extends BaseRelation {
    private final SQLContext context;
    private final StructType schema;

    WrittenRelation(SQLContext context, StructType schema) {
      this.context = context;
      this.schema = schema;
    }

    @Override
    public SQLContext sqlContext() {
      return context;
    }

    @Override
    public StructType schema() {
      return schema;
    }
  }
}
