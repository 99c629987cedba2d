package io.github.gptoss.benchmarks;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.constraint.mask.LexemeMasks;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.sampling.TokenSet;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * CPU time of compiling schemas and of the mask before each token of a text, of one thread, without
 * a cache of masks. Reads lines of {@code {"schema", "text"}}, which the peers' script reads too.
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar io.github.gptoss.benchmarks.ConstraintTimes FILE
 * [ROUNDS]</pre>
 */
public final class ConstraintTimes {
  private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
  private static final LexemeMasks LEXEMES = new LexemeMasks(64 << 20);
  private static final Tokenizer TOKENIZER = Tokenizer.o200kHarmony();

  private final List<Double> compiles = new ArrayList<>();
  private final List<Double> firstMasks = new ArrayList<>();
  private final List<Double> laterMasks = new ArrayList<>();
  private final List<Double> tokens = new ArrayList<>();
  private int refused;
  private int outside;

  private ConstraintTimes() {}

  /** Prints a table of each round; the first one also warms up. */
  public static void main(String[] arguments) throws IOException {
    JsonMapper json =
        JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
    List<JsonNode> cases = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      cases.add(json.readTree(line));
    }
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4;
    for (int round = 1; round <= rounds; round++) {
      ConstraintTimes times = new ConstraintTimes();
      cases.forEach(times::measure);
      times.print(round);
    }
  }

  private void measure(JsonNode line) {
    long start = CLOCK.getCurrentThreadCpuTime();
    Constraint constraint;
    try {
      constraint = Constraint.compile(ConstraintSpec.ofSchema(line.get("schema"), true));
    } catch (ConstraintException e) {
      refused++;
      return;
    } finally {
      compiles.add((CLOCK.getCurrentThreadCpuTime() - start) / 1e6);
    }
    State state = constraint.start();
    List<Double> masks = firstMasks;
    for (int token : TOKENIZER.encode(line.get("text").textValue())) {
      start = CLOCK.getCurrentThreadCpuTime();
      TokenSet mask = constraint.mask(state, LEXEMES);
      long masked = CLOCK.getCurrentThreadCpuTime();
      masks.add((masked - start) / 1e3);
      masks = laterMasks;
      if (!mask.contains(token)) {
        outside++;
        return;
      }
      state = constraint.next(state, TOKENIZER.decodeToBytes(token));
      tokens.add((CLOCK.getCurrentThreadCpuTime() - masked) / 1e3);
    }
  }

  private void print(int round) {
    System.out.printf(
        Locale.ROOT,
        "round %d: %d refused, %d texts outside the generated language%n",
        round,
        refused,
        outside);
    print("compile ms", compiles);
    print("first mask us", firstMasks);
    print("later masks us", laterMasks);
    print("token us", tokens);
  }

  private static void print(String name, List<Double> values) {
    Collections.sort(values);
    System.out.printf(
        Locale.ROOT,
        "  %-15s n %5d  mean %8.1f  median %8.1f  p90 %8.1f  p99 %8.1f  max %8.1f%n",
        name,
        values.size(),
        values.stream().mapToDouble(v -> v).average().orElse(0),
        quantile(values, 0.5),
        quantile(values, 0.9),
        quantile(values, 0.99),
        quantile(values, 1));
  }

  private static double quantile(List<Double> sorted, double share) {
    return sorted.isEmpty()
        ? 0
        : sorted.get((int) Math.min(sorted.size() - 1, share * sorted.size()));
  }
}
