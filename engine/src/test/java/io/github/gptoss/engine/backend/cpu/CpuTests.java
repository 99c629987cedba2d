package io.github.gptoss.engine.backend.cpu;

import java.io.PrintWriter;
import java.util.stream.Stream;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs tests of the CPU backend in the JVM that it is started in; exits with 1 if one fails or none
 * succeeds.
 */
final class CpuTests {
  private CpuTests() {}

  /**
   * @param args names of classes
   */
  public static void main(String[] args) {
    try (CpuBackend backend = new CpuBackend(1)) {
      System.out.println(backend.description());
    }
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .filters(TagFilter.excludeTags(System.getProperty("excluded.tag", "none")))
            .selectors(Stream.of(args).map(DiscoverySelectors::selectClass).toList())
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    PrintWriter out = new PrintWriter(System.out, true);
    summary.printFailuresTo(out);
    summary.printTo(out);
    System.exit(
        summary.getTestsSucceededCount() > 0 && summary.getTotalFailureCount() == 0 ? 0 : 1);
  }
}
