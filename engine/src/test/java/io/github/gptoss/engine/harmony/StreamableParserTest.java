package io.github.gptoss.engine.harmony;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class StreamableParserTest {
  private final HarmonyEncoding encoding = HarmonyEncoding.gptOss();

  @Test
  void tellsWhereItIsAtEveryToken() {
    StreamableParser parser = new StreamableParser(Role.ASSISTANT, ParseMode.STRICT);
    assertThat(parser.state()).isEqualTo(StreamableParser.State.HEADER);
    for (int token :
        HarmonyText.tokens("<|channel|>commentary to=functions.f <|constrain|>json<|message|>")) {
      assertThat(parser.currentKind()).isNull();
      parser.process(token);
    }
    assertThat(parser.state()).isEqualTo(StreamableParser.State.CONTENT);
    assertThat(parser.currentKind()).isEqualTo(MessageKind.TOOL_CALL);
    assertThat(parser.inAnalysis()).isFalse();
    parser.process(SpecialTokens.CALL);
    assertThat(parser.state()).isEqualTo(StreamableParser.State.EXPECT_START);
    assertThat(parser.currentKind()).isNull();
    assertThat(parser.messages())
        .containsExactly(
            Message.of(Role.ASSISTANT, "")
                .withChannel("commentary")
                .withRecipient("functions.f")
                .withContentType("<|constrain|>json"));
    for (int token : HarmonyText.tokens("<|start|>assistant<|channel|>analysis<|message|>")) {
      assertThat(parser.inAnalysis()).isFalse();
      parser.process(token);
    }
    assertThat(parser.inAnalysis()).isTrue();
    parser.process(SpecialTokens.END);
    assertThat(parser.inAnalysis()).isFalse();
    assertThat(parser.messages()).hasSize(2);
  }

  @Test
  void deltasHoldBackHalfCharacters() {
    StreamableParser parser = new StreamableParser(Role.ASSISTANT, ParseMode.STRICT);
    for (int token : HarmonyText.tokens("<|channel|>final<|message|>")) {
      parser.process(token);
    }
    List<String> deltas = new ArrayList<>();
    for (int token : Tokenizer.o200kHarmony().encode("a\ud835\udd18b")) {
      parser.process(token);
      deltas.add(parser.lastContentDelta());
    }
    assertThat(deltas).containsExactly("a", null, null, "\ud835\udd18", "b");
    parser.processEos();
    assertThat(parser.messages().get(0).text()).isEqualTo("a\ud835\udd18b");
  }

  @Test
  void startsWithStartWhereNoRoleIsGiven() {
    int[] tokens = HarmonyText.tokens("<|start|>user:ann<|message|>hi<|end|>");
    // An unknown word in place of the role is a tool's name only if more follows.
    assertThatThrownBy(() -> encoding.parse(tokens, null, ParseMode.STRICT))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(
            encoding.parse(
                HarmonyText.tokens(
                    "<|start|>functions.f to=assistant<|channel|>commentary<|message|>4<|end|>"),
                null,
                ParseMode.STRICT))
        .containsExactly(
            Message.of(new Author(Role.TOOL, "functions.f"), new TextContent("4"))
                .withRecipient("assistant")
                .withChannel("commentary"));
  }

  @Test
  void lenientParsingSaysWhereItSalvaged() {
    StreamableParser parser = new StreamableParser(Role.ASSISTANT, ParseMode.LENIENT);
    for (int token : HarmonyText.tokens("<|channel|>final the answer<|return|>")) {
      assertThat(parser.salvaged()).isFalse();
      parser.process(token);
    }
    parser.processEos();
    assertThat(parser.salvaged()).isTrue();
    assertThat(parser.messages())
        .containsExactly(Message.of(Role.ASSISTANT, "the answer").withChannel("final"));
  }

  @Test
  void rejectsAHeaderThatIsNotUtf8() {
    int half = Tokenizer.o200kHarmony().encode("\ud835\udd18")[0];
    int[] tokens = {SpecialTokens.CHANNEL, half, SpecialTokens.MESSAGE};
    assertThatThrownBy(() -> encoding.parse(tokens, Role.ASSISTANT, ParseMode.STRICT))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void strictAndLenientKeepMarkersWithinContent() {
    int[] tokens =
        HarmonyText.tokens("<|channel|>final<|message|>a<|channel|>b<|start|>c<|return|>");
    for (ParseMode mode : new ParseMode[] {ParseMode.STRICT, ParseMode.LENIENT}) {
      assertThat(encoding.parse(tokens, Role.ASSISTANT, mode))
          .containsExactly(
              Message.of(Role.ASSISTANT, "a<|channel|>b<|start|>c").withChannel("final"));
    }
  }

  @Property
  void throwsNothingUndocumented(
      @ForAll("tokens") int[] tokens, @ForAll Role role, @ForAll boolean strict) {
    try {
      encoding.parse(tokens, role, strict ? ParseMode.STRICT : ParseMode.LENIENT);
    } catch (InvalidRequestException e) {
      assertThat(e.code()).isIn("malformed_completion", "invalid_tokens");
    }
  }

  @Property
  void bestEffortNeverThrows(@ForAll("tokens") int[] tokens) {
    Completion completion = encoding.parseCompletion(tokens);
    assertThat(completion.error() != null).isEqualTo(completion.salvaged());
    encoding.parse(tokens, null, ParseMode.BEST_EFFORT);
  }

  @Property
  void bestEffortAgreesWithLenientOnWellFormedTokens(@ForAll("tokens") int[] tokens) {
    StreamableParser lenient = new StreamableParser(Role.ASSISTANT, ParseMode.LENIENT);
    try {
      for (int token : tokens) {
        lenient.process(token);
      }
      lenient.processEos();
    } catch (InvalidRequestException e) {
      assertThat(encoding.parseCompletion(tokens).salvaged()).isTrue();
      return;
    }
    if (lenient.salvaged()) {
      return;
    }
    Completion completion = encoding.parseCompletion(tokens);
    String said = lenient.messages().toString();
    if (completion.salvaged()) {
      // openai-harmony takes a special token within a header or content for text, and a bare word
      // before the channel for a recipient; no model means that. A turn without an answer is
      // well-formed.
      assertThat(
              said.contains("<|")
                  || !completion.commentary().isEmpty()
                  || sendsToABareWord(lenient, tokens))
          .isTrue();
    } else if (!said.contains("<|endoftext|>") && !endsWithinACharacter(lenient)) {
      assertThat(completion.messages()).isEqualTo(lenient.messages());
    }
  }

  private static boolean sendsToABareWord(StreamableParser parser, int[] tokens) {
    String text = Tokenizer.o200kHarmony().decode(tokens);
    return parser.messages().stream()
        .map(Message::recipient)
        .anyMatch(recipient -> recipient != null && !text.contains("to=" + recipient));
  }

  private static boolean endsWithinACharacter(StreamableParser parser) {
    List<Message> messages = parser.messages();
    return !messages.isEmpty() && messages.get(messages.size() - 1).text().endsWith("\ufffd");
  }

  @Test
  void bestEffortLeavesOutACharacterThatIsCut() {
    for (String header : new String[] {"<|channel|>final<|message|>", "<|channel|>final ", ""}) {
      int[] whole = HarmonyText.tokens(header + "a\ud835\udd18");
      for (int cut = 1; cut <= 2; cut++) {
        Completion completion = encoding.parseCompletion(Arrays.copyOf(whole, whole.length - cut));
        assertThat(completion.response()).as(header + cut).isEqualTo("a");
      }
      assertThat(encoding.parseCompletion(whole).response()).isEqualTo("a\ud835\udd18");
    }
  }

  /** A model that loops on a marker must not cost more than its tokens: this has to end. */
  @Test
  void bestEffortEndsOnLongNonsense() {
    for (String unit :
        new String[] {
          "<|channel|>",
          "<|start|>",
          "<|channel|>final",
          " to=a",
          "<|constrain|>",
          " word",
          "<|end|>",
          "<|message|>",
          "<|message|>a<|channel|>",
          "<|start|><|message|>",
          "<|channel|>final<|end|>",
          "<|channel|><|message|>",
          "<|channel|>final<|message|>a<|constrain|>",
          " to=a<|message|>",
          "<|start|> word",
          "<|endoftext|>"
        }) {
      int[] once = HarmonyText.tokens(unit);
      int[] tokens = new int[131_072];
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] = once[i % once.length];
      }
      assertThat(encoding.parseCompletion(tokens).salvaged()).isTrue();
      tokens[tokens.length - 1] = SpecialTokens.MESSAGE;
      encoding.parseCompletion(tokens);
    }
  }

  @Property
  void parsesWhatItRendered(@ForAll("messages") List<Message> messages) {
    int[] tokens = encoding.renderConversation(new Conversation(messages), false);
    for (ParseMode mode : ParseMode.values()) {
      assertThat(encoding.parse(tokens, null, mode)).isEqualTo(messages);
    }
    assertThat(HarmonyJson.read(Goldens.json(HarmonyJson.write(messages).toString())).messages())
        .isEqualTo(messages);
  }

  @Provide
  Arbitrary<int[]> tokens() {
    Tokenizer tokenizer = Tokenizer.o200kHarmony();
    Arbitrary<Integer> any = Arbitraries.integers().between(-2, Tokenizer.VOCABULARY_SIZE + 1);
    Arbitrary<Integer> special = Arbitraries.integers().between(200_002, 200_012);
    Arbitrary<Integer> word =
        Arbitraries.of(
                "assistant",
                "analysis",
                "commentary",
                "final",
                " to=",
                "functions.f",
                " ",
                "\n",
                "json",
                "user",
                "tool",
                "\ud835\udd18",
                "<|channel|>",
                "system")
            .flatMap(text -> Arbitraries.of(boxed(tokenizer.encode(text))));
    return Arbitraries.frequencyOf(Tuple.of(1, any), Tuple.of(5, special), Tuple.of(5, word))
        .list()
        .ofMaxSize(40)
        .map(list -> list.stream().mapToInt(Integer::intValue).toArray());
  }

  private static List<Integer> boxed(int[] ids) {
    List<Integer> list = new ArrayList<>();
    for (int id : ids) {
      list.add(id);
    }
    return list;
  }

  @Provide
  Arbitrary<List<Message>> messages() {
    Arbitrary<String> text =
        Arbitraries.strings().filter(s -> s.chars().noneMatch(c -> c >= 0xd800 && c <= 0xdfff));
    Arbitrary<Role> role = Arbitraries.of(Role.USER, Role.ASSISTANT, Role.SYSTEM, Role.DEVELOPER);
    Arbitrary<String> channel = Arbitraries.of("analysis", "commentary", "final").injectNull(0.3);
    Arbitrary<String> recipient = Arbitraries.of("functions.f", "python").injectNull(0.5);
    Arbitrary<String> type = Arbitraries.of("<|constrain|>json").injectNull(0.5);
    return Combinators.combine(role, text, channel, recipient, type)
        .as(
            (r, t, c, to, ct) ->
                new Message(new Author(r, null), List.of(new TextContent(t)), c, to, ct))
        .list()
        .ofMaxSize(5);
  }
}
