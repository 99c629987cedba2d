package io.github.gptoss.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.constraint.mask.LexemeMasks;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Compiling a schema, and the masks along a text that fits it, without a cache of masks; {@code
 * masks} is how many a second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MaskBenchmark {
  /** Shapes of schemas, each with a text. */
  public enum Form {
    TICKET(
        "{\"type\": \"object\", \"properties\": {\"category\": {\"enum\": [\"billing\", \"technical\"]},"
            + " \"urgency\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 5}, \"summary\":"
            + " {\"type\": \"string\"}}, \"required\": [\"category\", \"urgency\", \"summary\"]}",
        "{\"category\": \"billing\", \"urgency\": 4, \"summary\": \"The customer was charged twice.\"}"),
    LENGTHS(
        "{\"type\": \"array\", \"items\": {\"type\": \"string\", \"minLength\": 3, \"maxLength\": 60}}",
        "[\"a first line of text\", \"and a second one that is longer than the first\"]"),
    FORMATS(
        "{\"type\": \"object\", \"properties\": {\"at\": {\"type\": \"string\", \"format\": \"date-time\"},"
            + " \"id\": {\"type\": \"string\", \"format\": \"uuid\"}, \"url\": {\"type\": \"string\","
            + " \"format\": \"uri\"}}}",
        "{\"at\": \"2026-01-31T12:00:00Z\", \"id\": \"123e4567-e89b-12d3-a456-426614174000\","
            + " \"url\": \"https://example.org/a?b=c\"}"),
    RECURSION(
        "{\"$defs\": {\"n\": {\"type\": \"object\", \"properties\": {\"v\": {\"type\": \"number\"},"
            + " \"next\": {\"anyOf\": [{\"$ref\": \"#/$defs/n\"}, {\"type\": \"null\"}]}}, \"required\":"
            + " [\"v\", \"next\"]}}, \"$ref\": \"#/$defs/n\"}",
        "{\"v\": 1, \"next\": {\"v\": 2.5, \"next\": {\"v\": -3e2, \"next\": null}}}");

    private final String schema;
    private final String text;

    Form(String schema, String text) {
      this.schema = schema;
      this.text = text;
    }
  }

  /** What the benchmark counts beside invocations. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Counters {
    public long masks;
  }

  private static final LexemeMasks LEXEMES = new LexemeMasks(64 << 20);

  @Param private Form form;

  private ConstraintSpec spec;
  private Constraint constraint;
  private byte[][] tokens;

  @Setup
  public void compileOnce() throws IOException {
    spec = ConstraintSpec.ofSchema(new ObjectMapper().readTree(form.schema), true);
    constraint = Constraint.compile(spec);
    Tokenizer tokenizer = Tokenizer.o200kHarmony();
    int[] ids = tokenizer.encode(form.text);
    tokens = new byte[ids.length][];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = tokenizer.decodeToBytes(ids[i]);
    }
  }

  @Benchmark
  public Constraint compile() {
    return Constraint.compile(spec);
  }

  @Benchmark
  public void mask(Counters counters, Blackhole sink) {
    io.github.gptoss.engine.constraint.grammar.State state = constraint.start();
    for (byte[] token : tokens) {
      sink.consume(constraint.mask(state, LEXEMES));
      state = constraint.next(state, token);
      counters.masks++;
    }
  }
}
