package io.github.gptoss.engine.harmony;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.TokenList;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of completions that break Harmony's form, one test for each kind of break. */
class BrokenCompletionTest {
  private static final HarmonyEncoding ENCODING = HarmonyEncoding.gptOss();
  private static final String CALL = "{\"a\": 1}";
  private static final List<String> CALL_HEADERS =
      List.of(
          "<|channel|>commentary to=functions.get_x <|constrain|>json<|message|>",
          " to=functions.get_x<|channel|>commentary <|constrain|>json<|message|>",
          "<|channel|>commentary to=functions.get_x json<|message|>",
          "<|channel|>analysis to=functions.get_x code<|message|>");

  static Stream<JsonNode> cases() {
    return Goldens.resource("/completions/completions.jsonl").stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void reportedCasesAreRead(JsonNode line) {
    Completion completion = ENCODING.parseCompletion(Goldens.ids(line.get("tokens")));
    JsonNode expected = line.get("expected");
    if (expected.has("response")) {
      assertThat(completion.response()).isEqualTo(expected.get("response").asText());
    }
    if (expected.has("reasoning")) {
      assertThat(completion.reasoning()).isEqualTo(expected.get("reasoning").asText());
    }
    if (expected.has("tool_calls")) {
      List<List<String>> calls =
          completion.toolCalls().stream()
              .map(call -> List.of(call.name(), call.arguments()))
              .toList();
      assertThat(calls)
          .isEqualTo(Goldens.MAPPER.convertValue(expected.get("tool_calls"), List.class));
    }
  }

  /** But for a special token that ends the message before its arguments have begun. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        SpecialTokens.START,
        SpecialTokens.CHANNEL,
        SpecialTokens.CONSTRAIN,
        SpecialTokens.MESSAGE,
        SpecialTokens.END,
        SpecialTokens.RETURN,
        SpecialTokens.CALL,
        SpecialTokens.END_OF_TEXT,
        SpecialTokens.START_OF_TEXT,
        200_004,
        200_018
      })
  void aSpecialTokenAnywhereInItsHeaderLosesNoCall(int stray) {
    for (String header : CALL_HEADERS) {
      int[] tokens = HarmonyText.tokens(header + CALL + "<|call|>");
      for (int at = 0; at < HarmonyText.tokens(header).length; at++) {
        Completion completion = ENCODING.parseCompletion(inserted(tokens, at, stray));
        assertThat(completion.toolCalls())
            .as("%s with %d at %d", header, stray, at)
            .extracting(ToolCall::name, ToolCall::arguments)
            .containsExactly(tuple("get_x", CALL));
        assertThat(completion.salvaged()).isTrue();
        assertThat(completion.response()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<|channel|>commentary to=functions.get_x<|channel|>commentary <|constrain|>json<|message|>",
        "<|channel|>commentary to=functions.get_x<|channel|>commentary<|message|>",
        "<|channel|>commentary to=functions.get_x<|channel|>commentary?<|message|>",
        "<|channel|>commentary to=functions.get_x <|constrain|>json<|channel|>commentary<|message|>",
        "<|channel|>commentary to=functions.get_x<|start|>assistant<|channel|>commentary json<|message|>",
        "<|channel|>commentary<|start|>assistant to=functions.get_x<|channel|>commentary<|message|>",
        " to=functions.get_x<|start|>assistant<|channel|>commentary <|constrain|>json<|message|>",
        "<|channel|>analysis<|channel|>commentary to=functions.get_x<|message|>",
        "<|channel|>commentary to=functions.get_x<|constrain|><|constrain|>json<|message|>",
        "<|channel|>commentary to=functions.get_x<|message|><|channel|>commentary<|message|>",
      })
  void aHeaderThatBeginsAgainKeepsTheCall(String header) {
    Completion completion =
        ENCODING.parseCompletion(HarmonyText.tokens(header + CALL + "<|call|>"));
    assertThat(completion.toolCalls())
        .extracting(ToolCall::name, ToolCall::arguments)
        .containsExactly(tuple("get_x", CALL));
    assertThat(completion.salvaged()).isTrue();
    assertPlainNames(completion);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<|channel|>commentary to=functions.get_x <|constrain|>json",
        "<|channel|>commentary to=functions.get_x <|constrain|>json ",
        "<|channel|>commentary to=functions.get_x <|constrain|>",
        "<|channel|>commentary to=functions.get_x json",
        "<|channel|>commentary to=functions.get_x code\n",
        "<|channel|>commentary to=functions.get_x ",
        "<|channel|>commentary to=functions.get_x",
        " to=functions.get_x<|channel|>commentary <|constrain|>json",
        " to=functions.get_x<|channel|>commentary",
        "<|channel|>analysis to=functions.get_x code",
      })
  void argumentsWithoutMessageMakeACall(String header) {
    for (String end :
        List.of("<|call|>", "<|end|>", "", "<|start|>assistant<|channel|>final<|message|>Hi")) {
      for (String arguments : List.of("{\"a\": \"b  c\\n\"}", "{}", "[1, {\"to=\": 2}]")) {
        for (String before : List.of("", "<|end|><|start|>assistant")) {
          String thought = before.isEmpty() ? "" : "<|channel|>analysis<|message|>hm";
          Completion completion =
              ENCODING.parseCompletion(
                  HarmonyText.tokens(thought + before + header + arguments + end));
          assertThat(completion.toolCalls())
              .as(header + arguments + end)
              .extracting(ToolCall::name, ToolCall::arguments)
              .containsExactly(tuple("get_x", arguments));
          assertThat(completion.salvaged()).isTrue();
          assertThat(completion.response()).isEqualTo(end.endsWith("Hi") ? "Hi" : "");
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      maxCharsPerColumn = 500,
      value = {
        "Sorry.[end][start]assistant[channel]final[message]A[return] | A",
        "Sorry.[channel]final[message]A[return] | A",
        "[channel]odd[message]Sorry.[end][start]assistant[channel]final[message]A[return] | A",
        "[channel]final[message]A[end]tail | A",
        "[channel]final[message]A[end][start]assistant[channel]odd[message]tail[end] | A",
        "[channel]final[message]A[end][message]tail | A",
        "[channel]final[message]A[endoftext]tail | A",
        "[channel]final[message]A[return]tail[channel]odd | A",
        "[channel]final[message]A[end][start]assistant[channel]final[message]B[return] | A/B",
        "[channel]final[message]A[channel]final[message]B[return] | A/B",
        "[channel]final[message]A[end][start]user[message]Q[end][start]assistant[channel]final"
            + "[message]B[return] | A/B",
        "[channel]odd[message]A[end][start]assistant[channel]other[message]B[return] | A/B",
        "[channel]commentary[message]C[end][start]assistant[channel]final[message]A[return] | A",
        "[channel]odd[message]A[return] | A",
        "[channel]final[message][end]A[return] | A",
        "[channel]final[message][channel]A b[return] | A b",
        "[channel][message]final[message]A[return] | A",
        "[channel]commentary[message]C[end][start]assistant[channel]final[message][return] | ''",
        "[channel]analysis[message]hm[end]A | A",
      })
  void theResponseIsTheFinalChannelsTextWhereThereIsOne(String text, String expected) {
    Completion completion =
        ENCODING.parseCompletion(HarmonyText.tokens(text.replace("[", "<|").replace("]", "|>")));
    assertThat(completion.response()).isEqualTo(expected.replace('/', '\n'));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<|channel|>commentary<|message|>",
        "<|channel|>commentary to=user<|message|>",
        "<|channel|>commentary to=all<|message|>",
        " to=user<|channel|>commentary<|message|>",
        "<|channel|>commentary <|constrain|>json<|message|>",
        "<|channel|>commentary json<|message|>",
        "<|channel|>commentary code<|message|>",
        "<|channel|>commentary to=functions.<|message|>",
      })
  void commentaryIsKeptAndAnswersWhereNothingElseDoes(String header) {
    String said = header + "Hi there";
    String call = "<|end|><|start|>assistant" + CALL_HEADERS.get(0) + CALL + "<|call|>";
    String last = "<|end|><|start|>assistant<|channel|>final<|message|>A<|return|>";
    Completion alone = ENCODING.parseCompletion(HarmonyText.tokens(said + "<|return|>"));
    assertThat(alone.commentary()).isEqualTo("Hi there");
    assertThat(alone.response()).isEqualTo("Hi there");
    assertThat(alone.toolCalls()).isEmpty();
    assertThat(alone.salvaged()).isTrue();

    Completion preamble = ENCODING.parseCompletion(HarmonyText.tokens(said + call));
    assertThat(preamble.commentary()).isEqualTo("Hi there");
    assertThat(preamble.response()).isEqualTo("Hi there");
    assertThat(preamble.toolCalls()).extracting(ToolCall::name).containsExactly("get_x");

    Completion answered = ENCODING.parseCompletion(HarmonyText.tokens(said + last));
    assertThat(answered.commentary()).isEqualTo("Hi there");
    assertThat(answered.response()).isEqualTo("A");
  }

  @Property
  void noSpecialTokenIsPartOfANameOrAText(@ForAll("tokens") List<Integer> tokens) {
    Completion completion =
        ENCODING.parseCompletion(tokens.stream().mapToInt(Integer::intValue).toArray());
    assertPlainNames(completion);
    for (String text :
        List.of(completion.response(), completion.reasoning(), completion.commentary())) {
      assertThat(text).doesNotContain("<|", "\ufffd");
    }
    for (ToolCall call : completion.toolCalls()) {
      assertThat(call.name()).doesNotContain("<|").isNotBlank();
      assertThat(call.arguments()).doesNotContain("<|");
    }
  }

  /** Words of headers and texts, of which none says "<|", and special tokens of every kind. */
  @Provide
  Arbitrary<List<Integer>> tokens() {
    Tokenizer tokenizer = Tokenizer.o200kHarmony();
    TokenList words = new TokenList();
    for (String word :
        List.of(
            "assistant",
            "user",
            "analysis",
            "commentary",
            "final",
            " to=",
            "functions",
            ".get",
            "_x",
            "functions.f",
            " ",
            "\n",
            "json",
            "code",
            CALL,
            "Hello",
            " world",
            "?")) {
      tokenizer.encode(word, words);
    }
    Integer[] ids = IntStream.of(words.toArray()).boxed().toArray(Integer[]::new);
    Arbitrary<Integer> known = Arbitraries.of(200_002, 200_003, 200_005, 200_006, 200_007, 200_008);
    Arbitrary<Integer> special =
        Arbitraries.integers().between(SpecialTokens.FIRST, Tokenizer.VOCABULARY_SIZE - 1);
    return Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.of(ids)), Tuple.of(4, known), Tuple.of(1, special))
        .list()
        .ofMaxSize(40);
  }

  private static void assertPlainNames(Completion completion) {
    for (Message message : completion.messages()) {
      String type = message.contentType();
      String plainType =
          type != null && type.startsWith("<|constrain|>")
              ? type.substring("<|constrain|>".length())
              : type;
      assertThat(
              Stream.of(message.channel(), message.recipient(), message.author().name(), plainType))
          .allMatch(name -> name == null || !name.contains("<|"));
    }
  }

  private static int[] inserted(int[] tokens, int at, int token) {
    int[] more = new int[tokens.length + 1];
    System.arraycopy(tokens, 0, more, 0, at);
    more[at] = token;
    System.arraycopy(tokens, at, more, at + 1, tokens.length - at);
    return more;
  }
}
