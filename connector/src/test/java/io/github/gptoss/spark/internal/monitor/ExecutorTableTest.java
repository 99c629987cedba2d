package io.github.gptoss.spark.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.Test;

class ExecutorTableTest {
  private final ExecutorTable table = new ExecutorTable();

  private void lose(String executor, String reason) {
    table.onExecutorRemoved(new SparkListenerExecutorRemoved(0, executor, reason));
  }

  @Test
  void showsTheLatestReportAndAHistoryOfAll() {
    table.report(Reports.ready("1", 10, 0.5));
    table.report(Reports.ready("2", 4, 0));
    table.report(Reports.ready("1", 30, 0.25));
    assertThat(table.rows()).hasSize(2);
    assertThat(table.rows().get(0).report().work().rows()).isEqualTo(30);
    assertThat(table.rows().get(0).history())
        .extracting(History.Point::occupancy)
        .containsExactly(0.5, 0.25);
    Totals totals = table.totals();
    assertThat(totals.ready()).isEqualTo(2);
    assertThat(totals.work().rows()).isEqualTo(34);
    assertThat(totals.load().running()).isEqualTo(10);
    assertThat(totals.load().occupancy()).isEqualTo(0.25);
    assertThat(totals.load().kvShare()).isEqualTo(0.25);
    assertThat(totals.isBusy()).isTrue();
  }

  @Test
  void aLostExecutorStaysWithItsReasonAndItsWorkButNotItsLoad() {
    table.report(Reports.ready("1", 10, 0.5));
    lose("1", "Remote RPC client disassociated\nlong story");
    // What was on its way when the executor went.
    table.report(Reports.ready("1", 11, 0.5));
    ExecutorTable.Row row = table.rows().get(0);
    assertThat(row.lostReason()).isEqualTo("Remote RPC client disassociated");
    assertThat(row.report().work().rows()).isEqualTo(10);
    Totals totals = table.totals();
    assertThat(totals.lost()).isEqualTo(1);
    assertThat(totals.ready()).isZero();
    assertThat(totals.work().rows()).isEqualTo(10);
    assertThat(totals.load().running()).isZero();
    assertThat(totals.isBusy()).isFalse();
  }

  @Test
  void anExecutorThatWentBeforeItsFirstReportIsShown() {
    lose("7", "");
    assertThat(table.rows().get(0).lostReason()).isEqualTo("no reason given");
    assertThat(table.rows().get(0).report().state()).isEqualTo(ExecutorReport.State.STARTING);
  }

  @Test
  void oldLostExecutorsAreForgottenAndTheirWorkIsNot() {
    int lost = 3 * ExecutorTable.MOST_LOST;
    table.report(Reports.ready("alive", 1, 0));
    for (int i = 0; i < lost; i++) {
      table.report(Reports.ready("e" + i, 2, 0));
      lose("e" + i, "spot");
    }
    assertThat(table.rows()).hasSize(1 + ExecutorTable.MOST_LOST);
    assertThat(table.rows().get(0).isLost()).isFalse();
    assertThat(table.totals().lost()).isEqualTo(lost);
    assertThat(table.totals().work().rows()).isEqualTo(1 + 2 * lost);
  }
}
