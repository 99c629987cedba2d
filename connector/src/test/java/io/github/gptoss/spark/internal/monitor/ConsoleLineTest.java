package io.github.gptoss.spark.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleLineTest {
  private final ExecutorTable table = new ExecutorTable();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final ConsoleLine line =
      new ConsoleLine(table::totals, new PrintStream(err, true, StandardCharsets.UTF_8), true);

  private String shown() {
    line.show();
    String shown = err.toString(StandardCharsets.UTF_8);
    err.reset();
    return shown;
  }

  @Test
  void showsALineWhileThereIsWorkAndTakesItAwayOnce() {
    assertThat(shown()).isEmpty();
    table.report(Reports.copying("1"));
    assertThat(shown()).endsWith("gptoss: 0 executors ready, 1 loading");
    table.report(Reports.ready("1", 1234, 0.5));
    assertThat(shown())
        .endsWith(
            "gptoss: 1 executor ready, 1,234 rows, 1 errors, 5 running, 7 waiting, 10 tok/s, batch"
                + " 50%, KV 25%");
    table.report(Reports.failed("1", "x"));
    assertThat(shown()).isEqualTo("\r\033[K");
    assertThat(shown()).isEmpty();
  }

  @Test
  void staysAwayWhileSomebodyShowsAProgressOfTheirOwn() {
    table.report(Reports.ready("1", 1, 0.5));
    Runnable unmute = ConsoleLine.mute();
    try {
      assertThat(shown()).isEmpty();
    } finally {
      unmute.run();
    }
    assertThat(shown()).contains("1 rows");
  }
}
