package io.github.gptoss.benchmarks;

import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

/** Text to ids and back, a million characters an invocation: 1 / score = million characters / s. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class TokenizerBenchmark {
  private static final int CHARACTERS = 1_000_000;

  /** Prose-like words, identifiers and punctuation, Chinese characters, and two long runs. */
  public enum Text {
    WORDS,
    CODE,
    CHINESE,
    ONE_LETTER,
    SPACES;

    String of(Random random) {
      StringBuilder text = new StringBuilder(CHARACTERS + 16);
      while (text.length() < CHARACTERS) {
        switch (this) {
          case WORDS -> word(text, 2 + random.nextInt(8), random).append(' ');
          case CODE -> word(text.append("  "), 5, random).append(".get(i++); //\n");
          case CHINESE -> text.append((char) (0x4E00 + random.nextInt(3000)));
          case ONE_LETTER -> text.append('a');
          case SPACES -> text.append(' ');
        }
      }
      text.setLength(CHARACTERS);
      return text.toString();
    }

    private static StringBuilder word(StringBuilder text, int letters, Random random) {
      for (int i = 0; i < letters; i++) {
        String letter = i % 2 == 0 ? "bcdfghlmnprst" : "aeiou";
        text.append(letter.charAt(random.nextInt(letter.length())));
      }
      return text;
    }
  }

  @Param public Text text;

  private final Tokenizer tokenizer = Tokenizer.o200kHarmony();
  private String string;
  private int[] ids;

  @Setup
  public void create() {
    string = text.of(new Random(4));
    ids = tokenizer.encode(string);
  }

  @Benchmark
  public int[] encode() {
    return tokenizer.encode(string);
  }

  @Benchmark
  public String decode() {
    return tokenizer.decode(ids);
  }
}
