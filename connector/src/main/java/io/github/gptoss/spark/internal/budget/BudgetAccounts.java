package io.github.gptoss.spark.internal.budget;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The driver's book: an account for each query and each run of the job, with the share of each
 * executor in it. What is granted to one executor is not granted to another, so that all of them
 * together stay within the budget. Thread-safe.
 */
final class BudgetAccounts {
  /**
   * Executors report every second while they have tasks. One that has been silent for so long is
   * gone, or will say anew what it has under way: nobody waits for that any more.
   */
  static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** The account used longest ago is forgotten for a new one. */
  private static final int MOST_ACCOUNTS = 1024;

  /**
   * What an executor says and asks for. All counts are tokens, and those of what it has done are
   * totals, so that a claim that is made twice counts once.
   *
   * @param account names the query or run
   * @param holder unique to the executor
   * @param budget of the account
   * @param spent on generations that have ended
   * @param held for generations that are under way, by their estimates
   * @param least is granted wherever anything is left, since no row could begin with less
   * @param wanted for generations that wait; 0 gives back what was granted and is not held
   */
  record Claim(
      String account, String holder, long budget, long spent, long held, long least, long wanted) {
    /** A claim that only asks. */
    static Claim question(String account) {
      return new Claim(account, "", Budget.UNLIMITED, 0, 0, 0, 0);
    }
  }

  /**
   * The answer to a claim.
   *
   * @param tokens granted beyond what is spent and held; 0 where others hold what is left
   * @param spent tokens of all executors, as far as they have said
   * @param elapsedMillis since the account was opened
   */
  record Grant(long tokens, long spent, long elapsedMillis) {}

  private static final class Share {
    private long spent;
    private long committed;
    private long seenNanos;
  }

  private static final class Account {
    private final long openedNanos;
    private final Map<String, Share> shares = new HashMap<>();

    Account(long nowNanos) {
      openedNanos = nowNanos;
    }

    private long spent() {
      return shares.values().stream().mapToLong(share -> share.spent).sum();
    }

    /** What other executors have spent or may spend yet. */
    private long committedBesides(Share mine, long nowNanos) {
      long committed = 0;
      for (Share share : shares.values()) {
        boolean isSilent = nowNanos - share.seenNanos > SILENT_NANOS;
        if (share != mine) {
          committed += isSilent ? share.spent : share.committed;
        }
      }
      return committed;
    }
  }

  private final Map<String, Account> accounts =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Account> eldest) {
          return size() > MOST_ACCOUNTS;
        }
      };

  /** Opens the account with its first claim. */
  synchronized Grant claim(Claim claim, long nowNanos) {
    Account account = accounts.computeIfAbsent(claim.account(), name -> new Account(nowNanos));
    Share mine = account.shares.computeIfAbsent(claim.holder(), name -> new Share());
    mine.spent = claim.spent();
    mine.seenNanos = nowNanos;
    long committed = claim.spent() + claim.held();
    long left = claim.budget() - account.committedBesides(mine, nowNanos) - committed;
    long granted =
        claim.wanted() == 0 || left <= 0
            ? 0
            : Math.max(claim.least(), Math.min(claim.wanted(), left));
    mine.committed = committed + granted;
    return new Grant(
        granted, account.spent(), TimeUnit.NANOSECONDS.toMillis(nowNanos - account.openedNanos));
  }
}
