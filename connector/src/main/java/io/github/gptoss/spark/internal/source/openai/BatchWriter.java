package io.github.gptoss.spark.internal.source.openai;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.completions.CompletionSchema;
import io.github.gptoss.spark.internal.prompts.ColumnPath;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.JobID;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.hadoop.mapreduce.task.JobContextImpl;
import org.apache.spark.internal.io.FileCommitProtocol;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Writes answers as OpenAI's output files ({@code part-*.jsonl}) and error files ({@code
 * errors-part-*.jsonl}) into one folder, through the commit protocol that Spark's own file formats
 * use: nothing is seen before all of it is there.
 */
final class BatchWriter {
  private static final String COMMIT_PROTOCOL = "spark.sql.sources.commitProtocolClass";
  private static final String TEMPORARY = "_temporary";

  private final Dataset<Row> answers;

  /**
   * @param completion name of the completion's column
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a column is missing or of
   *     another type
   */
  BatchWriter(Dataset<Row> rows, String completion) {
    StructType schema = rows.schema();
    check(schema, BatchRelation.CUSTOM_ID, DataTypes.StringType);
    check(schema, completion, CompletionSchema.sample(false));
    List<Column> columns = new ArrayList<>();
    columns.add(col(BatchRelation.CUSTOM_ID));
    for (String name : List.of(BatchRelation.URL, BatchRelation.MODEL)) {
      columns.add(optional(schema, name, DataTypes.StringType));
    }
    columns.add(optional(schema, BatchRelation.LINE, DataTypes.LongType));
    columns.add(col(ColumnPath.quoted(completion)));
    // Columns that nothing is written from are not read.
    answers = rows.select(columns.toArray(new Column[0]));
  }

  private static void check(StructType schema, String column, DataType expected) {
    if (!Arrays.asList(schema.fieldNames()).contains(column)) {
      throw BatchErrors.noColumn(column, expected.simpleString());
    }
    DataType actual = schema.apply(column).dataType();
    boolean right =
        expected instanceof StructType struct
            ? actual instanceof StructType given
                && Arrays.asList(given.fieldNames()).containsAll(Arrays.asList(struct.fieldNames()))
            : actual.equals(expected);
    if (!right) {
      throw BatchErrors.wrongColumn(column, expected.simpleString(), actual);
    }
  }

  private static Column optional(StructType schema, String column, DataType type) {
    return Arrays.asList(schema.fieldNames()).contains(column)
        ? col(column).cast(type)
        : lit(null).cast(type);
  }

  void write(String folder, SaveMode mode) {
    SparkSession spark = (SparkSession) answers.sparkSession();
    Configuration hadoop = spark.sessionState().newHadoopConf();
    try {
      Path path = new Path(folder);
      FileSystem files = path.getFileSystem(hadoop);
      path = files.makeQualified(path);
      boolean exists = files.exists(path);
      if (exists && mode == SaveMode.Ignore) {
        return;
      }
      if (exists && mode == SaveMode.ErrorIfExists) {
        throw BatchErrors.outputExists(folder);
      }
      List<Path> old = new ArrayList<>();
      if (exists && mode == SaveMode.Overwrite) {
        for (FileStatus file : files.listStatus(path)) {
          if (!file.getPath().getName().equals(TEMPORARY)) {
            old.add(file.getPath());
          }
        }
      }
      commit(spark, hadoop, path);
      // Only now: a run that fails leaves what was there.
      for (Path file : old) {
        if (!file.getName().equals("_SUCCESS")) {
          files.delete(file, true);
        }
      }
    } catch (IOException e) {
      throw new GptOssException(
          "cannot write to '" + folder + "': " + e.getMessage() + "; check path and permissions",
          e);
    }
  }

  private void commit(SparkSession spark, Configuration hadoop, Path path) throws IOException {
    String run = UUID.randomUUID().toString();
    JobID id = new JobID(run, 0);
    Job job = Job.getInstance(hadoop);
    FileOutputFormat.setOutputPath(job, path);
    Configuration conf = job.getConfiguration();
    TaskID task = new TaskID(id, TaskType.MAP, 0);
    conf.set("mapreduce.job.id", id.toString());
    conf.set("mapreduce.task.id", task.toString());
    conf.set("mapreduce.task.attempt.id", new TaskAttemptID(task, 0).toString());
    conf.setBoolean("mapreduce.task.ismap", true);
    conf.setInt("mapreduce.task.partition", 0);
    JobContext context = new JobContextImpl(conf, id);
    FileCommitProtocol protocol =
        FileCommitProtocol.instantiate(
            spark.conf().get(COMMIT_PROTOCOL), run, path.toString(), false);
    protocol.setupJob(context);
    try {
      List<TaskCommitMessage> written =
          answers
              .toJavaRDD()
              .mapPartitionsWithIndex(
                  new BatchWriteTask(
                      protocol,
                      new SerializableConfiguration(conf),
                      run,
                      Instant.now().getEpochSecond()),
                  true)
              .collect();
      written.forEach(protocol::onTaskCommit);
      protocol.commitJob(context, CollectionConverters.asScala(written).toSeq());
    } catch (Throwable e) {
      // Not only what is declared: Scala throws Spark's checked exceptions through Java.
      try {
        protocol.abortJob(context);
      } catch (RuntimeException abort) {
        e.addSuppressed(abort);
      }
      throw e;
    }
  }
}
