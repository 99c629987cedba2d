package io.github.gptoss.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
  private static final int MEBI = 1 << 20;

  private final Tokenizer tokenizer = Tokenizer.o200kHarmony();

  @Test
  void agreesWithTiktokenBothWays() throws IOException {
    String lines = new String(resource("/goldens/harmony/tokens.jsonl"), StandardCharsets.UTF_8);
    ObjectMapper mapper = new ObjectMapper();
    int count = 0;
    for (String line : lines.lines().toList()) {
      JsonNode golden = mapper.readTree(line);
      String text = golden.get("text").textValue();
      int[] ids = mapper.convertValue(golden.get("ids"), int[].class);
      assertThat(tokenizer.encode(text)).as("line %d", count).isEqualTo(ids);
      assertThat(tokenizer.decode(ids)).as("line %d", count).isEqualTo(text);
      count++;
    }
    assertThat(count).isEqualTo(521);
  }

  @Test
  void usesOpenAisRankFile() throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(resource("/com/knuddels/jtokkit/o200k_base.tiktoken"));
    assertThat(HexFormat.of().formatHex(digest))
        .isEqualTo("446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d");
  }

  /** Long runs are where recursion and quadratic merging show: this must end, and round-trip. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a", "A", " ", "\n", "\r\n", "\t ", "7", "👩", "?!", "aB", "é", "日", "\u0301", "'s"
      })
  void encodesOneMebibyteOfARun(String unit) {
    String text = unit.repeat(MEBI / unit.length());
    assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
  }

  @Test
  void treatsTheTextOfSpecialTokensAsPlainText() {
    for (int id = SpecialTokens.FIRST; id < Tokenizer.VOCABULARY_SIZE; id++) {
      assertThat(IntStream.of(tokenizer.encode(SpecialTokens.textOf(id))))
          .allMatch(token -> token < SpecialTokens.FIRST);
    }
  }

  @Test
  void decodesSpecialTokensToTheirText() {
    assertThat(tokenizer.decode(200006, 17360, 200008, 200000, 201087))
        .isEqualTo("<|start|>system<|message|><|reserved_200000|><|reserved_201087|>");
  }

  @Test
  void encodesLoneSurrogatesAsReplacementCharacters() {
    for (String text : new String[] {"a\ud800b", "\udc00", "\ud83d", "x\ud800\ud800y"}) {
      assertThat(tokenizer.encode(text))
          .isEqualTo(tokenizer.encode(text.replaceAll("[\ud800-\udfff]", "\ufffd")));
    }
    assertThat(tokenizer.decodeToBytes(tokenizer.encode("\ud800")))
        .containsExactly(0xef, 0xbf, 0xbd);
  }

  @Test
  void replacesACharacterThatTheIdsCut() {
    int[] ids = tokenizer.encode("\ud835\udd18"); // f0 9d 94 98 in three tokens
    assertThat(ids).hasSize(3);
    assertThat(tokenizer.decode(ids[0], ids[1])).isEqualTo("\ufffd");
    assertThat(tokenizer.decode(ids[2])).isEqualTo("\ufffd");
    assertThat(tokenizer.decode(ids[0], 200007)).isEqualTo("\ufffd<|end|>");
  }

  @Test
  void rejectsIdsOutsideTheVocabulary() {
    for (int id : new int[] {-1, 201_088, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> tokenizer.decode(1, id))
          .isInstanceOfSatisfying(
              InvalidRequestException.class, e -> assertThat(e.code()).isEqualTo("invalid_tokens"));
      assertThatThrownBy(() -> tokenizer.decodeToBytes(id))
          .isInstanceOf(InvalidRequestException.class);
    }
  }

  @Test
  void encodesAlikeFromManyThreads() {
    String text = "Ελληνικά, naïve 東京 don't 1234567 ".repeat(50);
    int[] expected = tokenizer.encode(text);
    assertThat(IntStream.range(0, 64).parallel().mapToObj(i -> tokenizer.encode(text)))
        .allSatisfy(ids -> assertThat(ids).isEqualTo(expected));
  }

  @Property
  void everyStringSurvivesTheRoundTrip(@ForAll String text) {
    int[] ids = tokenizer.encode(text);
    assertThat(IntStream.of(ids)).allMatch(id -> id >= 0 && id < SpecialTokens.FIRST);
    byte[] utf8 = withoutLoneSurrogates(text).getBytes(StandardCharsets.UTF_8);
    assertThat(tokenizer.decodeToBytes(ids)).isEqualTo(utf8);
    assertThat(tokenizer.decode(ids)).isEqualTo(withoutLoneSurrogates(text));
  }

  private static String withoutLoneSurrogates(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .map(c -> c >= 0xd800 && c <= 0xdfff ? 0xfffd : c)
        .forEach(out::appendCodePoint);
    return out.toString();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = TokenizerTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
