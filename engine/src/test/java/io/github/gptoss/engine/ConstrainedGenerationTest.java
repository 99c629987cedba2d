package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.Conversation;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The demo model, hot enough to write anything, under constraints.
 *
 * <p>Every schema of the reference cases has one row. {@code -Dgptoss.test.rows=N} makes it N, and
 * {@code -Dgptoss.test.answers=FILE} writes the answers as JSON lines, for other validators.
 */
class ConstrainedGenerationTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path CASES = Path.of("src/test/resources/goldens/structured");
  private static final int ROWS_OF_A_SCHEMA = Integer.getInteger("gptoss.test.rows", 1);
  private static final String ANSWERS = System.getProperty("gptoss.test.answers");

  private static GptOssEngine engine;

  @BeforeAll
  static void open() {
    engine = GptOssEngine.open(EngineConfig.builder("demo").build());
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static Conversation conversation() {
    return ConversationBuilder.ofPrompt("I was charged twice. What is this ticket about?").build();
  }

  private static GenerationRequest.Builder request(Conversation conversation, int seed) {
    int[] prompt = HarmonyEncoding.gptOss().renderForCompletion(conversation);
    return GenerationRequest.harmony(IntBuffer.wrap(prompt))
        .maxTokens(400)
        .maxReasoningTokens(24)
        .sampling(SamplingParams.builder().temperature(1.5).seed(seed).build());
  }

  private static GenerationRequest.Builder constrained(ConstraintSpec answer, int seed) {
    return request(conversation(), seed).turn(new TurnSpec(answer, List.of()));
  }

  private static ConstraintSpec structured(String json) throws Exception {
    return ConstraintSpec.of(null, JSON.readTree(json)).orElseThrow();
  }

  /** Those made for generation, then the others of which some text is accepted. */
  private static List<JsonNode> schemas() throws Exception {
    Set<JsonNode> schemas = new LinkedHashSet<>();
    for (String line : Files.readAllLines(CASES.resolve("generate.jsonl"))) {
      schemas.add(JSON.readTree(line).get("schema"));
    }
    for (String line : Files.readAllLines(CASES.resolve("accept.jsonl"))) {
      JsonNode example = JSON.readTree(line);
      if (example.get("accepted").booleanValue()) {
        schemas.add(example.get("schema"));
      }
    }
    return List.copyOf(schemas);
  }

  /** The validator divides doubles, so some multiples beyond 2^53 are none to it. */
  private static boolean isFault(ValidationMessage message) {
    return !message.getType().equals("multipleOf")
        || message
                .getInstanceNode()
                .decimalValue()
                .remainder(message.getSchemaNode().decimalValue())
                .signum()
            != 0;
  }

  private static void write(List<GenerationRequest> requests, List<GenerationResult> results)
      throws Exception {
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      ObjectNode answer = JSON.createObjectNode();
      answer.set("schema", requests.get(i).turn().answer().json());
      answer.put("finish_reason", results.get(i).finishReason().name());
      answers.add(answer.put("response", results.get(i).response()).toString());
    }
    Files.write(Path.of(ANSWERS), answers);
  }

  private static JsonSchema validator(JsonNode schema) {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(schema, SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build());
  }

  @Test
  void everyRowThatStopsFitsItsSchema() throws Exception {
    List<JsonNode> schemas = schemas();
    List<GenerationRequest> requests = new ArrayList<>();
    for (JsonNode schema : schemas) {
      for (int row = 0; row < ROWS_OF_A_SCHEMA; row++) {
        boolean allowsSpaces = requests.size() % 2 == 0;
        requests.add(
            constrained(ConstraintSpec.ofSchema(schema, allowsSpaces), requests.size()).build());
      }
    }
    List<GenerationResult> results = engine.generate(requests);
    if (ANSWERS != null) {
      write(requests, results);
    }
    int stopped = 0;
    for (int i = 0; i < results.size(); i++) {
      GenerationResult result = results.get(i);
      JsonNode schema = schemas.get(i / ROWS_OF_A_SCHEMA);
      assertThat(result.salvaged()).isFalse();
      assertThat(result.finishReason()).isIn(FinishReason.STOP, FinishReason.LENGTH);
      assertThat(result.formed().isCut()).isEqualTo(result.finishReason() == FinishReason.LENGTH);
      if (result.finishReason() == FinishReason.LENGTH) {
        assertThat(result.parsed()).isNull();
        continue;
      }
      stopped++;
      assertThat(result.parsed()).isEqualTo(result.response());
      assertThat(validator(schema).validate(result.parsed(), InputFormat.JSON))
          .as("%s of %s", result.parsed(), schema)
          .noneMatch(ConstrainedGenerationTest::isFault);
    }
    assertThat(stopped).isGreaterThan(results.size() * 3 / 4);
  }

  @Test
  void aRowIsTheSameAloneAndAmongOthers() throws Exception {
    List<GenerationRequest> requests = new ArrayList<>();
    List<JsonNode> schemas = schemas();
    for (int i = 0; i < 24; i++) {
      requests.add(
          i % 3 == 0
              ? request(conversation(), i).build()
              : constrained(ConstraintSpec.ofSchema(schemas.get(i), false), i).build());
    }
    List<GenerationResult> together = engine.generate(requests);
    for (int i = 0; i < requests.size(); i += 5) {
      assertThat(engine.generate(List.of(requests.get(i))).get(0).tokens())
          .isEqualTo(together.get(i).tokens());
    }
    try (GptOssEngine small =
        GptOssEngine.open(
            EngineConfig.builder("demo")
                .threads(1)
                .maxNumSeqs(3)
                .kvCacheBytes(1_500_000)
                .build())) {
      List<GenerationResult> elsewhere = small.generate(requests);
      for (int i = 0; i < requests.size(); i++) {
        assertThat(elsewhere.get(i).tokens()).isEqualTo(together.get(i).tokens());
      }
    }
  }

  @Test
  void answersAreChoicesAndMatchPatterns() throws Exception {
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      requests.add(
          constrained(
                  structured(
                      i % 2 == 0
                          ? "{\"choice\": [\"yes\", \"yes, definitely\", \"no\"]}"
                          : "{\"regex\": \"[A-Z]{2}-[0-9]{3}( please)?\"}"),
                  i)
              .build());
    }
    List<GenerationResult> results = engine.generate(requests);
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).finishReason()).isEqualTo(FinishReason.STOP);
      assertThat(results.get(i).parsed()).isEqualTo(results.get(i).response());
      if (i % 2 == 0) {
        assertThat(results.get(i).response()).isIn("yes", "yes, definitely", "no");
      } else {
        assertThat(results.get(i).response()).matches("[A-Z]{2}-[0-9]{3}( please)?");
      }
    }
  }

  @Test
  void callsOfStrictFunctionsFitTheirParameters() throws Exception {
    Conversation conversation =
        ConversationBuilder.ofPrompt("What is the weather in Rome?")
            .tools(
                "[{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"strict\": true,"
                    + " \"parameters\": {\"type\": \"object\", \"properties\": {\"city\": {\"enum\":"
                    + " [\"Rome\", \"Oslo\"]}}, \"required\": [\"city\"]}}}]")
            .build();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      requests.add(request(conversation, i).turn(TurnSpec.of(conversation, null)).build());
    }
    int calls = 0;
    for (GenerationResult result : engine.generate(requests)) {
      assertThat(result.salvaged()).isFalse();
      if (result.finishReason() == FinishReason.TOOL_CALLS) {
        calls++;
        assertThat(result.toolCalls()).hasSize(1);
        assertThat(result.toolCalls().get(0).name()).isEqualTo("weather");
        assertThat(JSON.readTree(result.toolCalls().get(0).arguments()).get("city").asText())
            .isIn("Rome", "Oslo");
      }
    }
    assertThat(calls).isPositive();
  }

  @Test
  void aRowThatIsCutSaysSo() throws Exception {
    GenerationResult result =
        engine
            .generate(
                List.of(
                    constrained(structured("{\"regex\": \"a{300}\"}"), 1).maxTokens(60).build()))
            .get(0);
    assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(result.parsed()).isNull();
    assertThat(result.response()).matches("a+");
  }

  @Test
  void aConstraintThatCannotBeCompiledIsTheRowsError() throws Exception {
    GenerationResult result =
        engine
            .generate(List.of(constrained(structured("{\"json\": {\"not\": {}}}"), 1).build()))
            .get(0);
    assertThat(result.finishReason()).isEqualTo(FinishReason.ERROR);
    assertThat(result.error().code()).isEqualTo("unsupported_schema");
  }

  @Test
  void whatCouldCutAValueIsRefused() throws Exception {
    ConstraintSpec answer = structured("{\"json_object\": true}");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> constrained(answer, 1).stop(List.of("x")).build())
        .withMessageContaining("stop")
        .satisfies(e -> assertThat(e.code()).isEqualTo("invalid_request"));
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> constrained(answer, 1).ignoreEos(true).build())
        .withMessageContaining("ignore_eos");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(
            () ->
                GenerationRequest.raw(IntBuffer.wrap(new int[] {1}))
                    .turn(new TurnSpec(answer, List.of()))
                    .build())
        .withMessageContaining("tokens");
  }
}
