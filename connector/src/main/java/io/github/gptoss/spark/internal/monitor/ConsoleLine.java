package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.engine.DaemonThreads;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows on the driver how all executors get on while there is work: one line that moves where
 * standard error is a terminal, a line of the log now and then where it is not.
 */
public final class ConsoleLine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConsoleLine.class);

  private static final long TERMINAL_PERIOD_MILLIS = 1_000;

  /** How often a line is written where standard error is not a terminal. */
  public static final long LOG_PERIOD_MILLIS = 10_000;

  public static final String CLEAR_LINE = "\r\033[K";
  private static final AtomicInteger MUTED = new AtomicInteger();

  private final Supplier<Totals> totals;
  private final PrintStream err;
  private final boolean terminal;
  private final ScheduledExecutorService timer = DaemonThreads.timer("gptoss-console");
  private boolean isShown;

  ConsoleLine(Supplier<Totals> totals, PrintStream err, boolean terminal) {
    this.totals = totals;
    this.err = err;
    this.terminal = terminal;
  }

  static ConsoleLine start(Supplier<Totals> totals) {
    ConsoleLine line = new ConsoleLine(totals, System.err, isTerminal());
    long period = line.terminal ? TERMINAL_PERIOD_MILLIS : LOG_PERIOD_MILLIS;
    line.timer.scheduleAtFixedRate(line::show, period, period, TimeUnit.MILLISECONDS);
    return line;
  }

  /** Whether standard error is a terminal: the scripts say it, since Java cannot tell. */
  public static boolean isTerminal() {
    return Boolean.getBoolean("gptoss.stderr.terminal");
  }

  /** Keeps the line away for as long as a job shows a progress line of its own. */
  public static Runnable mute() {
    MUTED.incrementAndGet();
    return MUTED::decrementAndGet;
  }

  synchronized void show() {
    Totals now = totals.get();
    boolean isWanted = now.isBusy() && MUTED.get() == 0;
    if (!terminal) {
      if (isWanted) {
        LOG.info("{}", text(now));
      }
    } else if (isWanted) {
      err.print(CLEAR_LINE + "gptoss: " + text(now));
      err.flush();
      isShown = true;
    } else {
      clear();
    }
  }

  private void clear() {
    if (isShown) {
      err.print(CLEAR_LINE);
      err.flush();
      isShown = false;
    }
  }

  static String text(Totals now) {
    StringBuilder text = new StringBuilder(executors(now));
    if (now.ready() > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              ", %,d rows, %,d errors, %,d running, %,d waiting, %,.0f tok/s, batch %.0f%%, KV"
                  + " %.0f%%",
              now.work().rows(),
              now.work().errors(),
              now.load().running(),
              now.load().waiting(),
              now.load().generatedTokensPerSecond(),
              100 * now.load().occupancy(),
              100 * now.load().kvShare()));
    }
    return text.toString();
  }

  /** For instance {@code 2 executors ready, 1 loading}. */
  static String executors(Totals now) {
    return now.ready()
        + (now.ready() == 1 ? " executor ready" : " executors ready")
        + (now.loading() > 0 ? ", " + now.loading() + " loading" : "")
        + (now.failed() > 0 ? ", " + now.failed() + " failed" : "")
        + (now.lost() > 0 ? ", " + now.lost() + " lost" : "");
  }

  @Override
  public void close() {
    timer.shutdownNow();
    synchronized (this) {
      clear();
    }
  }
}
