package io.github.gptoss.spark.internal.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.budget.BudgetAccounts.Claim;
import io.github.gptoss.spark.internal.budget.BudgetAccounts.Grant;
import org.junit.jupiter.api.Test;

class BudgetAccountsTest {
  private static final long SECOND = 1_000_000_000L;

  private final BudgetAccounts accounts = new BudgetAccounts();
  private long now = 17 * SECOND;

  /** A claim on a budget of 1000 tokens. */
  private Grant claim(String holder, long spent, long held, long least, long wanted) {
    return accounts.claim(new Claim("run", holder, 1000, spent, held, least, wanted), now);
  }

  @Test
  void executorsTogetherAreGrantedNoMoreThanThereIs() {
    assertThat(claim("a", 0, 0, 100, 700).tokens()).isEqualTo(700);
    assertThat(claim("b", 0, 0, 100, 700).tokens()).isEqualTo(300);
    assertThat(claim("c", 0, 0, 100, 700).tokens()).isZero();
    assertThat(claim("b", 0, 300, 100, 100).tokens()).isZero();
  }

  @Test
  void aRowMayBeginAsLongAsAnythingIsLeft() {
    claim("a", 0, 0, 1, 990);
    assertThat(claim("b", 0, 0, 50, 400).tokens()).isEqualTo(50);
    assertThat(claim("c", 0, 0, 50, 400).tokens()).isZero();
  }

  @Test
  void whatWasEstimatedTooHighIsGrantedAgain() {
    claim("a", 0, 0, 100, 1000);
    assertThat(claim("b", 0, 0, 100, 1000).tokens()).isZero();
    claim("a", 200, 100, 0, 0);
    assertThat(claim("b", 0, 0, 100, 1000).tokens()).isEqualTo(700);
  }

  @Test
  void aClaimThatIsMadeTwiceCountsOnce() {
    claim("a", 300, 100, 50, 200);
    assertThat(claim("a", 300, 100, 50, 200)).isEqualTo(new Grant(200, 300, 0));
    assertThat(claim("b", 0, 0, 50, 900).tokens()).isEqualTo(400);
  }

  @Test
  void whatAnExecutorSpentBeforeItWasLostStaysSpentAndTheRestIsFree() {
    claim("lost", 250, 0, 100, 700);
    assertThat(claim("a", 0, 0, 100, 900).tokens()).isEqualTo(50 + 50);
    now += BudgetAccounts.SILENT_NANOS + SECOND;
    assertThat(claim("a", 0, 100, 100, 900)).isEqualTo(new Grant(650, 250, 61_000));
  }

  @Test
  void accountsOfQueriesAreTheirOwn() {
    claim("a", 1000, 0, 0, 0);
    Claim other = new Claim("other", "a", 1000, 0, 0, 100, 400);
    assertThat(accounts.claim(other, now)).isEqualTo(new Grant(400, 0, 0));
    assertThat(accounts.claim(Claim.question("run"), now).spent()).isEqualTo(1000);
  }

  @Test
  void timeIsThatOfTheDriverSinceTheAccountWasOpened() {
    accounts.claim(Claim.question("run"), now);
    now += 5 * SECOND;
    assertThat(claim("a", 0, 0, 0, 0).elapsedMillis()).isEqualTo(5000);
  }
}
