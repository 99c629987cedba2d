package io.github.gptoss.spark.internal.prompts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class PromptInputTest {
  private static final StructType MESSAGE =
      new StructType().add("role", DataTypes.StringType).add("content", DataTypes.StringType);

  private static final StructType TABLE =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("prompt", DataTypes.StringType)
          .add("a.b", DataTypes.StringType)
          .add("doc", new StructType().add("body", DataTypes.StringType))
          .add("chat", DataTypes.createArrayType(MESSAGE))
          .add("raw", DataTypes.BinaryType);

  private static PromptInput resolve(StructType table, boolean caseSensitive, String... pairs) {
    Map<String, String> options = new HashMap<>(Map.of("model", "demo"));
    for (int i = 0; i < pairs.length; i += 2) {
      options.put(pairs[i], pairs[i + 1]);
    }
    return PromptInput.resolve(table, OptionValues.resolve(options, Map.of()), caseSensitive);
  }

  private static void assertRefused(String message, StructType table, String... pairs) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> resolve(table, false, pairs))
        .withMessageContaining(message);
  }

  @Test
  void takesTheColumnPromptUnlessToldOtherwise() {
    assertThat(resolve(TABLE, false).request().toString()).contains("prompt");
    assertThat(resolve(TABLE, false).isMessages()).isFalse();
  }

  @Test
  void findsNestedFieldsAndNamesWithDots() {
    assertThat(resolve(TABLE, false, "prompt_col", "doc.body").request().toString())
        .contains("doc")
        .contains("body");
    assertThat(resolve(TABLE, false, "prompt_col", "a.b").request().toString()).contains("a.b");
  }

  @Test
  void findsColumnsInAnyCaseUnlessSparkIsCaseSensitive() {
    assertThat(resolve(TABLE, false, "prompt_col", "PROMPT").isMessages()).isFalse();
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> resolve(TABLE, true, "prompt_col", "PROMPT"))
        .withMessageContaining("did you mean 'prompt'?");
  }

  @Test
  void takesConversationsAsStructsOrAsText() {
    assertThat(resolve(TABLE, false, "messages_col", "chat").isMessages()).isTrue();
    assertThat(resolve(TABLE, false, "messages_col", "prompt").isMessages()).isTrue();
    assertRefused("expected string (message JSON) or array", TABLE, "messages_col", "doc");
    assertRefused("bigint", TABLE, "messages_col", "id");
    assertRefused(
        "expected string",
        new StructType().add("m", DataTypes.createArrayType(DataTypes.StringType)),
        "messages_col",
        "m");
  }

  @Test
  void findsFieldsOfMessagesInAnyCaseUnlessSparkIsCaseSensitive() {
    StructType table =
        new StructType()
            .add(
                "chat",
                DataTypes.createArrayType(
                    new StructType()
                        .add("Role", DataTypes.StringType)
                        .add("Content", DataTypes.StringType)));
    assertThat(resolve(table, false, "messages_col", "chat").isMessages()).isTrue();
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> resolve(table, true, "messages_col", "chat"));
  }

  @Test
  void refusesAMissingColumnAndSuggestsTheNearest() {
    assertRefused("names column 'promt'", TABLE, "prompt_col", "promt");
    assertRefused("did you mean 'prompt'?", TABLE, "prompt_col", "promt");
    assertRefused("its columns are id, prompt", TABLE, "prompt_col", "nothing like it");
    assertRefused("names column 'doc.text'", TABLE, "prompt_template", "{doc.text}");
  }

  @Test
  void refusesATableOfNoColumns() {
    assertRefused("no columns at all", new StructType());
  }

  @Test
  void refusesAPromptThatIsNoText() {
    assertRefused("column 'raw' is binary, expected string: decode(", TABLE, "prompt_col", "raw");
    assertRefused("column 'doc' is struct<body:string>, expected", TABLE, "prompt_col", "doc");
  }

  @Test
  void printsNumbersButNotStructsIntoTemplates() {
    assertThat(resolve(TABLE, false, "prompt_template", "{id}: {prompt}").isMessages()).isFalse();
    assertRefused("to_json(doc) gives its text", TABLE, "prompt_template", "{doc}");
    assertRefused("decode(raw, 'utf-8')", TABLE, "prompt_template", "{raw}");
  }

  @Test
  void refusesAnAmbiguousColumn() {
    assertRefused("occurs more than once", TABLE.add("PROMPT", DataTypes.StringType));
  }

  @Test
  void refusesAnOutputColumnThatExists() {
    assertRefused(
        "already has a column 'Completion'", TABLE.add("Completion", DataTypes.StringType));
    assertRefused("already has a column 'id'", TABLE, "output_col", "ID");
  }
}
