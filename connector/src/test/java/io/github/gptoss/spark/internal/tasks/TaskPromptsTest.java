package io.github.gptoss.spark.internal.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.options.CallException;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.prompts.PromptTemplate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TaskPromptsTest {
  private static Labels labels(String... texts) {
    return Labels.of("f", TaskParameter.LABELS, Arrays.asList(texts), null);
  }

  private static TaskCall call(Task task, Labels labels, boolean isMultiLabel) {
    return new TaskCall(
        task, "f", labels, null, isMultiLabel, "Count them.", "Be quick.", Map.of(), 5L);
  }

  private static Set<TaskParameter> required(Task task) {
    return EnumSet.copyOf(task.required());
  }

  private static String template(Task task, Set<TaskParameter> given, boolean isMultiLabel) {
    StringBuilder text = new StringBuilder();
    for (PromptTemplate.Part part :
        TaskPrompts.of(call(task, labels("a"), isMultiLabel), given, null)) {
      text.append(part.isColumn() ? "{" + part.text() + "}" : part.text());
    }
    return text.toString();
  }

  private static Set<TaskParameter> all(Task task) {
    return EnumSet.copyOf(task.parameters());
  }

  /** The text is last, so that rows share all that is before it. */
  @ParameterizedTest
  @EnumSource(Task.class)
  void endsWithTheText(Task task) {
    for (Set<TaskParameter> given : List.of(required(task), all(task))) {
      String text = template(task, given, false);
      assertThat(text).endsWith(task == Task.GEN ? "{prompt}" : "{content}");
      assertThat(text.split("\\{content}", -1)).hasSize(task == Task.GEN ? 1 : 2);
    }
  }

  /** Who changes a prompt has to change {@link TaskPrompts#VERSION}, too, and then this test. */
  @Test
  void hasAVersionForItsText() {
    StringBuilder texts = new StringBuilder();
    for (Task task : Task.values()) {
      for (Set<TaskParameter> given : List.of(required(task), all(task))) {
        texts.append(template(task, given, false)).append(template(task, given, true));
      }
    }
    assertThat(
            TaskPrompts.VERSION
                + " "
                + DigestUtils.sha256Hex(texts.toString().getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("1 209e1b3aa9ff8c7bcc4da2e584902c05b99805182cdb5b70186127f4f451144f");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Pick {labels}: {text} | place 2 in option task_prompt is none of its arguments: {content}, {labels}
          Pick {labels}         | no place for argument content: add {content}
          Pick: {content}       | no place for argument labels: add {labels}
          {content} {labels     | option task_prompt has a { at character 10
          {content} {labels} }  | option task_prompt has a } without its {
          {content} {schema}    | place 2
          """)
  void refusesAReplacementWithOtherPlaces(String template, String message) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () ->
                TaskPrompts.of(
                    call(Task.CLASSIFY, labels("a"), false), required(Task.CLASSIFY), template))
        .withMessageContaining(message);
  }

  @Test
  void refusesAReplacementWithoutAPlaceForWhatIsGiven() {
    Set<TaskParameter> given = required(Task.CLASSIFY);
    given.add(TaskParameter.INSTRUCTIONS);
    assertThatExceptionOfType(CallException.class)
        .isThrownBy(
            () ->
                TaskPrompts.of(
                    call(Task.CLASSIFY, labels("a"), false), given, "{labels} {content}"))
        .withMessageContaining("{instructions}");
  }

  @Test
  void showsLabelsOneALineWithTheirDescriptions() {
    Labels described =
        Labels.of(
            "f",
            TaskParameter.LABELS,
            List.of("refund", "a \"b\" <|end|>"),
            Arrays.asList("wants money", null));
    assertThat(TaskPrompts.text(call(Task.CLASSIFY, described, false), TaskParameter.LABELS))
        .isEqualTo("- refund: wants money\n- a \"b\" <|end|>");
  }

  @Test
  void takesLabelsThatBeginAlikeOrDifferInTheirCase() {
    assertThat(labels("a", "ab", "A", "<|return|>", "\"").texts()).hasSize(5);
  }

  private static void assertRefused(TaskParameter list, List<String> texts, String message) {
    assertThatThrownBy(() -> Labels.of("f", list, texts, null))
        .isInstanceOf(CallException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesLabelsThatAreNoList() {
    assertRefused(TaskParameter.LABELS, List.of(), "labels is empty");
    assertRefused(TaskParameter.LABELS, Arrays.asList("a", null), "null at place 2");
    assertRefused(TaskParameter.LABELS, List.of(" \n", "a"), "blank text at place 1");
    assertRefused(TaskParameter.LABELS, List.of("a", "b", "a"), "same text at places 1 and 3");
    assertRefused(TaskParameter.ASPECTS, List.of("a", "A"), "aspects has the same text");
    List<String> many = new ArrayList<>();
    for (int i = 0; i <= Labels.MOST; i++) {
      many.add("l" + i);
    }
    assertRefused(TaskParameter.LABELS, many, "has 1001 entries: it may have at most 1000");
    assertThatThrownBy(
            () ->
                call(Task.CLASSIFY, labels(many.subList(0, 65).toArray(String[]::new)), true)
                    .check())
        .hasMessageContaining("with multi_label it may have at most 64");
  }

  @Test
  void refusesExamplesOfOtherLabels() {
    assertExampleRefused(List.of("c"), false, "at place 1 what is none of the labels");
    assertExampleRefused(Collections.singletonList(null), false, "none of the labels");
    assertExampleRefused(List.of("a", "b"), false, "has 2 labels at place 1");
    assertExampleRefused(List.of("a", "c"), true, "none of the labels");
  }

  private static void assertExampleRefused(
      List<String> answer, boolean isMultiLabel, String message) {
    TaskCall call =
        new TaskCall(
            Task.CLASSIFY,
            "f",
            labels("a", "b"),
            null,
            isMultiLabel,
            null,
            null,
            Map.of("t", answer),
            null);
    assertThatThrownBy(call::check).hasMessageContaining(message);
  }

  @Test
  void makesASchemaOutOfNames() {
    TaskCall call = call(Task.EXTRACT, labels("the \"id\""), false);
    assertThat(TaskForms.of(call).get(OptionKey.RESPONSE_FORMAT))
        .isEqualTo(
            "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"extract\",\"schema\":{\"type\":"
                + "\"object\",\"properties\":{\"the \\\"id\\\"\":{\"type\":[\"string\",\"null\"]}},"
                + "\"required\":[\"the \\\"id\\\"\"],\"additionalProperties\":false}}}");
  }
}
