package io.github.gptoss.spark.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.tools.ToolResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LookupToolTest {
  private final LookupTool tool =
      new LookupTool(
          Map.of(
              "get_weather",
              LookupRows.of(
                  List.of("location"),
                  List.of(false),
                  Map.of(List.of("Rome"), "{\"t\": 20}", List.of("Oslo"), "{\"t\": 3}")),
              "get_price",
              LookupRows.of(
                  List.of("shop", "id"),
                  List.of(false, true),
                  Map.of(
                      List.of("a", "7"), "{\"cents\": 1}",
                      List.of("a", "1000"), "{\"cents\": 2}",
                      List.of("b", "0.5"), "{\"cents\": 3}"))));

  private ToolResult weather(String arguments) throws Exception {
    return Calls.run(tool, "get_weather", arguments);
  }

  @Test
  void answersWithTheRowOfTheKey() throws Exception {
    assertThat(weather("{\"location\": \"Rome\"}")).isEqualTo(ToolResult.of("{\"t\": 20}"));
    assertThat(tool.functions()).containsExactlyInAnyOrder("get_weather", "get_price");
  }

  @Test
  void numbersAreEqualHoweverTheyAreWritten() throws Exception {
    for (String id : List.of("7", "7.0", "\"7\"", "70e-1")) {
      assertThat(Calls.run(tool, "get_price", "{\"id\": " + id + ", \"shop\": \"a\"}"))
          .as(id)
          .isEqualTo(ToolResult.of("{\"cents\": 1}"));
    }
    assertThat(Calls.run(tool, "get_price", "{\"shop\": \"a\", \"id\": 1e3}").value())
        .isEqualTo("{\"cents\": 2}");
    assertThat(Calls.run(tool, "get_price", "{\"shop\": \"b\", \"id\": 0.50}").value())
        .isEqualTo("{\"cents\": 3}");
  }

  @Test
  void saysWhatIsWrongWithArguments() throws Exception {
    assertThat(weather("{\"location\": \"Romee\"}").error())
        .isEqualTo("there is no location 'Romee': did you mean 'Rome'?");
    assertThat(weather("{\"location\": \"Atlantis\"}").error())
        .isEqualTo("there is no location 'Atlantis'");
    assertThat(weather("{\"city\": \"Rome\"}").error())
        .isEqualTo("there is no argument 'city'; the arguments are location");
    assertThat(weather("{\"locatoin\": \"Rome\"}").error()).contains("did you mean 'location'?");
    assertThat(weather("").error())
        .isEqualTo("argument 'location' is missing; the arguments are location");
    assertThat(weather("{\"location\": null}").error()).contains("'location' is missing");
    assertThat(weather("{\"location\": [\"Rome\"]}").error()).contains("a single value");
    assertThat(weather("Rome").error()).contains("not valid JSON");
    assertThat(weather("[\"Rome\"]").error()).contains("no JSON object");
    assertThat(weather("{\"location\": \"Rome\"} {}").error()).contains("not valid JSON");
    assertThat(Calls.run(tool, "get_price", "{\"shop\": \"a\", \"id\": \"x\"}").error())
        .isEqualTo("argument 'id' must be a number");
    assertThat(Calls.run(tool, "get_price", "{\"shop\": \"a\", \"id\": 1e999999}").error())
        .isEqualTo("argument 'id' must be a number");
    assertThat(Calls.run(tool, "get_price", "{\"shop\": \"b\", \"id\": 7}").error())
        .isEqualTo("there is no id '7' with the arguments before it");
  }

  /** Thousands of keys stand before the one that is meant, in any order. */
  @Test
  void namesTheNearestKeyOfALargeTable() throws Exception {
    Map<List<String>, String> answers = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      answers.put(List.of("Key number " + i, "" + i % 7), "1");
    }
    answers.put(List.of("Zürich", "1"), "2");
    answers.put(List.of("zürichsee", "1"), "3");
    LookupTool large =
        new LookupTool(
            Map.of("f", LookupRows.of(List.of("k", "n"), List.of(false, true), answers)));
    assertThat(Calls.run(large, "f", "{\"k\": \"Zürichh\", \"n\": 1}").error())
        .isEqualTo("there is no k 'Zürichh': did you mean 'Zürich'?");
    assertThat(Calls.run(large, "f", "{\"k\": \"zÜRICH\", \"n\": 1}").error())
        .isEqualTo("there is no k 'zÜRICH': did you mean 'Zürich'?");
    assertThat(Calls.run(large, "f", "{\"k\": \"Key number 49999x\", \"n\": 0}").error())
        .isEqualTo("there is no k 'Key number 49999x': did you mean 'Key number 49999'?");
    assertThat(Calls.run(large, "f", "{\"k\": \"Zürich\", \"n\": 2}").error())
        .isEqualTo("there is no n '2' with the arguments before it");
    assertThat(large.batchCalls()).isEqualTo(1);
  }
}
