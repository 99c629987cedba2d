package io.github.gptoss.spark;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Reads the job's table of prompts. */
final class JobInput {
  private JobInput() {}

  static Dataset<Row> read(SparkSession spark, GptOssJob job, OptionValues values) {
    Dataset<Row> table = table(spark, job, values);
    String[] columns = table.columns();
    if (columns.length == 0) {
      throw JobErrors.noColumns(job.input, job.inputFormat);
    }
    String corrupt = spark.conf().get("spark.sql.columnNameOfCorruptRecord", "_corrupt_record");
    if (job.inputFormat == GptOssJob.InputFormat.json
        && columns.length == 1
        && columns[0].equals(corrupt)) {
      throw JobErrors.notJsonLines(job.input);
    }
    return table;
  }

  private static Dataset<Row> table(SparkSession spark, GptOssJob job, OptionValues values) {
    return switch (job.inputFormat) {
      case delta -> spark.read().format("delta").load(job.input);
      case parquet -> spark.read().parquet(job.input);
      case csv ->
          // Prompts have line breaks and quotes; quotes are doubled, as RFC 4180 has it.
          spark
              .read()
              .option("header", "true")
              .option("multiLine", "true")
              .option("escape", "\"")
              .csv(job.input);
      case json -> json(spark, job.input, values.text(OptionKey.MESSAGES_COL));
    };
  }

  /**
   * JSON lines. Conversations are read as the JSON that they are: a schema inferred over all of
   * them would merge the keys of one row's tools into every other's.
   */
  private static Dataset<Row> json(SparkSession spark, String path, String messagesCol) {
    DataFrameReader reader = spark.read();
    Dataset<Row> inferred = reader.json(path);
    if (messagesCol == null) {
      return inferred;
    }
    StructType schema = new StructType();
    for (StructField field : inferred.schema().fields()) {
      schema =
          field.name().equalsIgnoreCase(messagesCol)
              ? schema.add(field.name(), DataTypes.StringType)
              : schema.add(field);
    }
    return reader.schema(schema).json(path);
  }
}
