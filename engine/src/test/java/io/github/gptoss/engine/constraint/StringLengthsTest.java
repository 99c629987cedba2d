package io.github.gptoss.engine.constraint;

import static io.github.gptoss.engine.constraint.Schemas.accepts;
import static io.github.gptoss.engine.constraint.Schemas.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.error.ConstraintException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lengths beside patterns and formats. */
class StringLengthsTest {
  private static String schema(String format, String lengths) {
    return "{\"properties\":{\"f\":{\"type\":\"string\",\"format\":\""
        + format
        + "\""
        + lengths
        + "}}}";
  }

  private static boolean isAccepted(String schema, String text) {
    return accepts(schema, "{\"f\":\"" + text + "\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "email, 254, a@b.example, @b.example",
    "email, 12, a@b.example, abc@b.example",
    "email, 1000, a@b.example, a@b.",
    "hostname, 9, b.example, bc.example",
    "hostname, 255, b.example, b."
  })
  void formatsThatCountCharactersMayHaveALength(
      String format, int max, String accepted, String refused) {
    String schema = schema(format, ",\"maxLength\":" + max);
    assertThat(isAccepted(schema, accepted)).isTrue();
    assertThat(isAccepted(schema, refused)).isFalse();
  }

  @Test
  void lengthsThatAFormatImpliesCostNothing() {
    assertThat(isAccepted(schema("email", ",\"minLength\":3"), "a@b")).isTrue();
    assertThat(isAccepted(schema("hostname", ",\"minLength\":1,\"maxLength\":10000"), "b"))
        .isTrue();
    assertThat(isAccepted(schema("uuid", ",\"maxLength\":36"), "0".repeat(36))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "email| ,\"maxLength\":1024| /properties/f/format",
        "email| ,\"minLength\":33| /properties/f/format",
        "uri| ,\"maxLength\":9,\"pattern\":\"^z:(?:[a-c]{1,200}[b-d]{1,200}){1,200}$\"| /properties/f/pattern"
      })
  void lengthsBeyondALimitNameKeywordAndPlace(String format, String lengths, String path) {
    ConstraintException refusal = refusal(schema(format, lengths));
    assertThat(refusal.code()).isEqualTo(ConstraintException.Code.UNSUPPORTED_SCHEMA);
    assertThat(refusal.keyword()).isEqualTo("pattern");
    assertThat(refusal.path()).isEqualTo(path);
  }

  /** From no beginning there is only a dead end, and what ends has the length. */
  @Property(tries = 40)
  void beginningsCanAlwaysBeCompleted(
      @ForAll long seed,
      @ForAll @IntRange(max = 32) int min,
      @ForAll @IntRange(max = 40) int more,
      @ForAll boolean isMail) {
    String lengths = ",\"minLength\":" + min + ",\"maxLength\":" + Math.max(3, min + more);
    Constraint constraint =
        Schemas.compile(
            "{\"type\":\"string\",\"format\":\""
                + (isMail ? "email" : "hostname")
                + "\""
                + lengths
                + "}");
    Random random = new Random(seed);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    State state = constraint.start();
    while (!constraint.isComplete(state)) {
      List<byte[]> next = new ArrayList<>();
      for (byte b : "\"@.-aA0_".getBytes(StandardCharsets.UTF_8)) {
        if (constraint.next(state, new byte[] {b}) != null) {
          next.add(new byte[] {b});
        }
      }
      assertThat(next).as("%s after %s", lengths, text).isNotEmpty();
      byte[] chosen = next.get(random.nextInt(next.size()));
      text.writeBytes(chosen);
      state = constraint.next(state, chosen);
    }
    assertThat(text.size() - 2).isBetween(min, Math.max(3, min + more));
    assertThat(text.toString(StandardCharsets.UTF_8))
        .matches(isMail ? "\"[^@]{1,64}@[^@]{1,253}\"" : "\"[a-zA-Z0-9.-]+\"");
  }
}
