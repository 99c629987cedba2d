package io.github.gptoss.spark.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.spark.internal.completions.CompletionCounters.Counts;
import io.github.gptoss.spark.internal.monitor.ExecutorReport.Load;
import io.github.gptoss.spark.internal.monitor.ExecutorReport.Work;
import org.junit.jupiter.api.Test;

class ReportMeterTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Counts BEFORE = new Counts(1000, 10, 100, 5, 7);

  private static EngineStats stats(long steps, long promptTokens, long generatedTokens) {
    return new EngineStats(
        3,
        4,
        promptTokens,
        generatedTokens,
        0,
        steps,
        promptTokens + generatedTokens,
        0,
        25,
        100,
        0,
        0,
        0,
        50,
        0,
        0,
        0);
  }

  @Test
  void countsFromItsStartAndMeasuresSinceTheReportBefore() {
    ReportMeter meter = new ReportMeter(BEFORE, stats(10, 1000, 2000), 0);
    meter.measure(new Counts(1006, 11, 102, 8, 11), stats(20, 1200, 2050), 2 * SECOND);
    assertThat(meter.work()).isEqualTo(new Work(6, 1, 2, 3, 4, 200, 50));
    assertThat(meter.load()).isEqualTo(new Load(3, 4, 0.5, 25, 100, 100, 25));
    assertThat(meter.load().kvShare()).isEqualTo(0.25);
    meter.measure(new Counts(1006, 11, 102, 8, 11), stats(20, 1200, 2050), 4 * SECOND);
    assertThat(meter.work()).isEqualTo(new Work(6, 1, 2, 3, 4, 200, 50));
    assertThat(meter.load()).isEqualTo(new Load(3, 4, 0, 25, 100, 0, 0));
  }

  @Test
  void goesOnWhereAnotherEngineTakesThePlace() {
    ReportMeter meter = new ReportMeter(BEFORE, null, 0);
    meter.measure(BEFORE, stats(10, 100, 10), SECOND);
    meter.measure(BEFORE, stats(2, 7, 3), 2 * SECOND);
    assertThat(meter.work()).isEqualTo(new Work(0, 0, 0, 0, 0, 107, 13));
    meter.measure(BEFORE, null, 3 * SECOND);
    assertThat(meter.load()).isEqualTo(Load.NONE);
    meter.measure(BEFORE, stats(5, 8, 4), 4 * SECOND);
    assertThat(meter.work()).isEqualTo(new Work(0, 0, 0, 0, 0, 115, 17));
  }
}
