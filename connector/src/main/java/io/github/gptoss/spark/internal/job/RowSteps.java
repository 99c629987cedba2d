package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.sql.ResolvedCall;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What a run does with its rows beside completing them. */
public interface RowSteps {
  /** Nothing. */
  RowSteps NONE =
      new RowSteps() {
        @Override
        public Dataset<Row> before(Dataset<Row> input) {
          return input;
        }

        @Override
        public Dataset<Row> after(Dataset<Row> completed, ResolvedCall call) {
          return completed;
        }

        @Override
        public List<String> added() {
          return List.of();
        }

        @Override
        public Map<String, Object> facts() {
          return Map.of();
        }
      };

  /** The rows to complete, of those that were read; lazy. */
  Dataset<Row> before(Dataset<Row> input);

  /**
   * The rows to write, of those that were completed; lazy.
   *
   * @param call that completed them
   */
  Dataset<Row> after(Dataset<Row> completed, ResolvedCall call);

  /** The columns that {@link #after} adds. */
  List<String> added();

  /** What the audit says of them: no text of prompts, and no secrets. */
  Map<String, Object> facts();
}
