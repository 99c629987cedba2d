package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.completions.CompletionStore;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Brings an output that is there up to its input, by their ids: completes the rows that it lacks
 * and adds them in one commit, and deals with rows whose prompt changed as the job says. The number
 * of the commit is that of the output's version that it was computed from: of two drivers that
 * began with the same version only one gets its rows in.
 *
 * @param isWholeInput whether a row that the input does not have has gone from it; otherwise the
 *     input may be a part of what the output holds
 */
record CatchUp(RunParts parts, boolean isWholeInput) {
  /**
   * @param rows of the input
   * @param application names the commits that add rows
   */
  JobSummary.DoneBefore run(Dataset<Row> input, long rows, String application) throws IOException {
    long version = parts.output().version();
    Dataset<Row> output = parts.output().read(version);
    TableDiff diff = new TableDiff(input, output, parts.id());
    Dataset<Row> pending = diff.pending();
    long pendingRows = pending.count();
    Optional<Dataset<Row>> changed = changed(diff);
    long changedRows = changed.map(Dataset::count).orElse(0L);
    long gone = isWholeInput ? diff.gone() : 0;
    checkUnchanged(changedRows, gone);
    boolean redo = parts.job().onChange() == JobSpec.OnChange.COMPLETE && changedRows > 0;
    if (pendingRows > 0 || redo) {
      parts.openWhereTasksRun();
    }
    parts.progress().expect(pendingRows + (redo ? changedRows : 0));
    if (pendingRows > 0) {
      CompletionStore.Factory journal = parts.journal("batch");
      Dataset<Row> completed = parts.complete(pending, journal);
      parts.save(parts.append(completed, application, version + 1), completed);
      parts.done(journal);
    }
    if (redo) {
      replace(changed.get());
    }
    say(changedRows, gone, redo);
    return new JobSummary.DoneBefore(rows - pendingRows - (redo ? changedRows : 0), changedRows);
  }

  /** Where a change of the input is to end the job, ends it before anything is completed. */
  void checkUnchanged(Dataset<Row> input) throws IOException {
    if (parts.job().onChange() == JobSpec.OnChange.FAIL) {
      Dataset<Row> output = parts.output().read(parts.output().version());
      TableDiff diff = new TableDiff(input, output, parts.id());
      checkUnchanged(changed(diff).map(Dataset::count).orElse(0L), isWholeInput ? diff.gone() : 0);
    }
  }

  private void checkUnchanged(long changedRows, long gone) {
    if (parts.job().onChange() == JobSpec.OnChange.FAIL && changedRows + gone > 0) {
      throw JobErrors.inputChanged(parts.job().input(), changedRows, gone);
    }
  }

  private Optional<Dataset<Row>> changed(TableDiff diff) {
    Optional<Column> asks = parts.promptHash(diff.input().schema());
    Optional<Column> asked = parts.promptHash(diff.output().schema());
    if (asked.isEmpty()) {
      parts
          .progress()
          .say(
              "the output lacks columns that prompts are made of now, so which prompts changed"
                  + " cannot be told");
    }
    return asks.isPresent() && asked.isPresent()
        ? Optional.of(diff.changed(asks.get(), asked.get()))
        : Optional.empty();
  }

  private void replace(Dataset<Row> rows) {
    CompletionStore.Factory journal = parts.journal("changed");
    parts
        .output()
        .replace(parts.complete(rows, journal), parts.id().quoted(), parts.audit().json());
    parts.done(journal);
  }

  private void say(long changedRows, long gone, boolean redone) {
    if (changedRows > 0) {
      parts
          .progress()
          .say(
              redone
                  ? "%,d rows whose prompt changed were completed again".formatted(changedRows)
                  : "%,d rows keep the answer to a prompt that has changed since; --on-change"
                          .formatted(changedRows)
                      + " complete redoes them");
    }
    if (gone > 0) {
      parts.progress().say("%,d rows of the output are no longer in the input".formatted(gone));
    }
  }
}
