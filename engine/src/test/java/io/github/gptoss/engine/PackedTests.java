package io.github.gptoss.engine;

import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Set;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the tests whose classes' names match a pattern, where there is no Maven; gpu/check.sh runs
 * it. Prints a line for each test as it ends. Exits with 1 if one fails or none runs.
 */
public final class PackedTests {
  private PackedTests() {}

  /**
   * @param args folder of the test classes, pattern
   */
  public static void main(String[] args) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClasspathRoots(Set.of(Path.of(args[0]))))
            .filters(includeClassNamePatterns(args[1]))
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener, new Lines());
    TestExecutionSummary summary = listener.getSummary();
    PrintWriter out = new PrintWriter(System.out, true);
    summary.printFailuresTo(out);
    System.out.printf(
        "%d tests: %d successful, %d aborted, %d failed%n",
        summary.getTestsFoundCount(),
        summary.getTestsSucceededCount(),
        summary.getTestsAbortedCount(),
        summary.getTotalFailureCount());
    System.exit(
        summary.getTestsSucceededCount() > 0 && summary.getTotalFailureCount() == 0 ? 0 : 1);
  }

  /** A line a test, so that a run that is ended early shows how far it came. */
  private static final class Lines implements TestExecutionListener {
    private long startNanos;

    @Override
    public void executionStarted(TestIdentifier test) {
      startNanos = System.nanoTime();
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest() || result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
        String method =
            test.getSource().orElse(null) instanceof MethodSource source
                ? source.getClassName().replaceFirst(".*\\.", "") + "." + source.getMethodName()
                : test.getUniqueId();
        System.out.printf(
            "%s %s %s (%d ms)%n",
            result.getStatus(),
            method,
            test.getDisplayName(),
            (System.nanoTime() - startNanos) / 1_000_000);
      }
    }
  }
}
