package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobID;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.internal.io.FileCommitProtocol;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.apache.spark.internal.io.FileNameSpec;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import scala.Option;

/** Writes a partition: answers to one file, errors to another; a file that stays empty is none. */
record BatchWriteTask(
    FileCommitProtocol protocol, SerializableConfiguration conf, String run, long createdSeconds)
    implements Function2<Integer, Iterator<Row>, Iterator<TaskCommitMessage>> {
  private static final String SUFFIX = ".jsonl";

  @Override
  public Iterator<TaskCommitMessage> call(Integer partition, Iterator<Row> rows)
      throws IOException {
    TaskAttemptContext task = attempt(partition);
    protocol.setupTask(task);
    try {
      write(partition, rows, task);
      return List.of(protocol.commitTask(task)).iterator();
    } catch (Throwable e) {
      // Not only what is declared: Scala throws Spark's checked exceptions through Java.
      try {
        protocol.abortTask(task);
      } catch (RuntimeException abort) {
        e.addSuppressed(abort);
      }
      throw e;
    }
  }

  private TaskAttemptContext attempt(int partition) {
    int attempt = (int) (TaskContext.get().taskAttemptId() & Integer.MAX_VALUE);
    TaskAttemptID id =
        new TaskAttemptID(new TaskID(new JobID(run, 0), TaskType.MAP, partition), attempt);
    Configuration own = new Configuration(conf.value());
    own.set("mapreduce.task.id", id.getTaskID().toString());
    own.set("mapreduce.task.attempt.id", id.toString());
    own.setInt("mapreduce.task.partition", partition);
    return new TaskAttemptContextImpl(own, id);
  }

  private void write(int partition, Iterator<Row> rows, TaskAttemptContext task)
      throws IOException {
    try (LineFile answers = new LineFile("", task);
        LineFile errors = new LineFile("errors-", task)) {
      for (long index = 0; rows.hasNext(); index++) {
        AnswerLine line =
            new AnswerLine(rows.next(), new AnswerIds(run, partition, index), createdSeconds);
        (line.isError() ? errors : answers).append(line.toJson());
      }
    }
  }

  /** A file that is made when its first line is there. */
  private final class LineFile implements AutoCloseable {
    private final String prefix;
    private final TaskAttemptContext task;
    private OutputStream out;

    LineFile(String prefix, TaskAttemptContext task) {
      this.prefix = prefix;
      this.task = task;
    }

    void append(ObjectNode line) throws IOException {
      if (out == null) {
        Path path =
            new Path(
                protocol.newTaskTempFile(task, Option.empty(), new FileNameSpec(prefix, SUFFIX)));
        out =
            new BufferedOutputStream(
                path.getFileSystem(task.getConfiguration()).create(path, false));
      }
      out.write(BatchJson.MAPPER.writeValueAsBytes(line));
      out.write('\n');
    }

    @Override
    public void close() throws IOException {
      if (out != null) {
        out.close();
      }
    }
  }
}
