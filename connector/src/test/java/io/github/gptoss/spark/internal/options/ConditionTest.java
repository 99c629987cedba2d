package io.github.gptoss.spark.internal.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.trees.Origin;
import org.junit.jupiter.api.Test;
import scala.Option;

class ConditionTest {
  private static <T> T fail(GptOssException fault) {
    throw fault;
  }

  private static Origin at(int line, int position) {
    Option<Object> none = Option.empty();
    return new Origin(
        Option.apply(line),
        Option.apply(position),
        none,
        none,
        Option.empty(),
        Option.empty(),
        Option.empty(),
        Option.empty(),
        Option.empty());
  }

  @Test
  void theDocumentListsEachWithItsState() throws Exception {
    List<String> documented =
        Files.readAllLines(Path.of("../docs/error-conditions.md")).stream()
            .filter(line -> line.startsWith("| `GPTOSS_"))
            .map(line -> line.replaceAll("^\\| `(\\w+)` \\| (\\w+) \\|.*", "$1 $2"))
            .toList();
    assertThat(documented)
        .isEqualTo(
            Arrays.stream(Condition.values()).map(c -> c.name() + " " + c.sqlState()).toList());
  }

  @Test
  void anAnalysisHasTheConditionOfItsFault() {
    assertThat(
            List.of(
                Condition.of(new CallException(Condition.GPTOSS_INVALID_COLUMN, "x")),
                Condition.of(new InvalidConfigException("x")),
                Condition.of(new InvalidModelException("x")),
                Condition.of(new InvalidRequestException("code", "x")),
                Condition.of(new GptOssException("x"))))
        .containsExactly(
            Condition.GPTOSS_INVALID_COLUMN,
            Condition.GPTOSS_INVALID_OPTION,
            Condition.GPTOSS_INVALID_MODEL,
            Condition.GPTOSS_ROW_FAILED,
            Condition.GPTOSS_FAILED);
    InvalidModelException fault = new InvalidModelException("/m: no config.json");
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> SparkFaults.analysed(() -> fail(fault)))
        .withMessage("[GPTOSS_INVALID_MODEL] /m: no config.json SQLSTATE: 58030")
        .satisfies(
            e -> {
              assertThat(e.getCondition()).isEqualTo("GPTOSS_INVALID_MODEL");
              assertThat(e.getSqlState()).isEqualTo("58030");
              assertThat(e.getMessageParameters()).containsValue("/m: no config.json");
              assertThat(e.getCause()).isSameAs(fault);
              // Spark gives an exception its place on the way out of the analysis.
              AnalysisException placed = e.withPosition(at(3, 4));
              assertThat(placed.getMessage()).endsWith(" SQLSTATE: 58030; line 3 pos 4");
              assertThat(placed.getSqlState()).isEqualTo("58030");
              assertThat(placed.getStackTrace()).isEqualTo(e.getStackTrace());
            });
  }
}
