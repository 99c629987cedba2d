package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.completions.CompletionStore;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Completes the rows that the input has got since the last run, in batches of its files. The
 * checkpoint says which files are done; a batch is committed once, since the commit carries its
 * number.
 *
 * <p>The query passes over commits of the input that change rows. Where there are some, and where
 * the output was not written by this query, the output is brought up to one version of the input by
 * ids instead, and a new query goes on behind that version.
 *
 * @param source history of the input
 */
record StreamingRun(RunParts parts, DeltaHistory source) {
  /**
   * @param rows of the input
   */
  JobSummary.DoneBefore run(long rows) throws Exception {
    JobFolder.State state = parts.state();
    boolean exists = parts.output().exists();
    if (!exists && parts.folder().hasCommits(state)) {
      throw JobErrors.outputGone(parts.job().output().name(), parts.folder().checkpoint(state));
    }
    long now = source.version();
    if (!exists) {
      return query(began(state, now), rows, 0);
    }
    if (parts.id() == null) {
      JobFolder.State checked = checkedWithoutIds(state, now);
      return query(checked, rows, parts.output().read(parts.output().version()).count());
    }
    boolean redo = state.leftChanges() && parts.job().onChange() == JobSpec.OnChange.COMPLETE;
    if (state.checked() == null || redo || !source.changes(state.checked(), now).isEmpty()) {
      return catchUp(state, now);
    }
    return query(
        state.checked(now, false), rows, parts.output().read(parts.output().version()).count());
  }

  /** Nothing is done yet: what changes from now on will be a change of rows that are. */
  private JobFolder.State began(JobFolder.State state, long now) throws IOException {
    JobFolder.State began = state.checked() == null ? state.checked(now, false) : state;
    parts.folder().keep(began);
    return began;
  }

  private JobSummary.DoneBefore catchUp(JobFolder.State state, long version) throws IOException {
    Dataset<Row> input = source.read(version);
    JobSummary.DoneBefore outcome =
        new CatchUp(parts, true).run(input, input.count(), state.job() + "-catch-up");
    boolean left = outcome.changedRows() > 0 && parts.job().onChange() != JobSpec.OnChange.COMPLETE;
    parts.folder().keep(state.caughtUp(version, left));
    parts.folder().deleteCheckpoint(state);
    return outcome;
  }

  private JobFolder.State checkedWithoutIds(JobFolder.State state, long now) throws IOException {
    List<DeltaHistory.Change> changes =
        state.checked() == null ? List.of() : source.changes(state.checked(), now);
    if (!changes.isEmpty()) {
      JobSpec.OnChange onChange = parts.job().onChange();
      if (onChange == JobSpec.OnChange.FAIL) {
        throw JobErrors.inputChanged(parts.job().input(), changes);
      }
      boolean isSafe = changes.stream().allMatch(DeltaHistory.Change::addsNoRows);
      if (onChange == JobSpec.OnChange.COMPLETE || onChange == null && !isSafe) {
        throw JobErrors.changeNeedsIdColumn(parts.job().input(), changes);
      }
      parts
          .progress()
          .say(
              "%,d commits of the input changed rows that are done, which are left as they are: %s"
                  .formatted(changes.size(), DeltaHistory.Change.list(changes)));
    }
    return state.checked(now, !changes.isEmpty());
  }

  /**
   * @param done rows that the output has
   */
  private JobSummary.DoneBefore query(JobFolder.State state, long rows, long done)
      throws Exception {
    if (rows > done) {
      parts.openWhereTasksRun();
    }
    parts.progress().expect(Math.max(0, rows - done));
    if (state.from() != null && state.from() > source.version()) {
      // Delta refuses to begin with a version that is yet to come.
      return new JobSummary.DoneBefore(done, 0);
    }
    DataStreamReader reader =
        parts
            .spark()
            .readStream()
            .options(parts.job().input().reader())
            .option("maxFilesPerTrigger", parts.job().batchFiles())
            .option("skipChangeCommits", "true");
    if (state.from() != null) {
      reader = reader.option("startingVersion", state.from());
    }
    StreamingQuery query =
        JobInput.stream(reader, parts.job().input())
            .writeStream()
            .option("checkpointLocation", parts.folder().checkpoint(state))
            .trigger(Trigger.AvailableNow())
            .foreachBatch((Dataset<Row> batch, Long number) -> complete(state, batch, number))
            .start();
    query.awaitTermination();
    parts.folder().keep(state);
    return new JobSummary.DoneBefore(done, 0);
  }

  private void complete(JobFolder.State state, Dataset<Row> batch, Long number) throws IOException {
    CompletionStore.Factory journal = parts.journal("batch-" + number);
    Dataset<Row> completed = parts.complete(batch, journal);
    parts.save(parts.append(completed, state.job(), number), completed);
    parts.done(journal);
  }
}
