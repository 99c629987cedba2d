package io.github.gptoss.spark.internal.tasks;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.prompts.PromptTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The prompts of the task functions, as templates with the functions' arguments in braces. What is
 * before a text at the end is told by the developer's message, the text is the user's: so rows
 * share the beginnings of their prompts, and where a prompt is too long for the context, the text
 * is what is cut.
 */
public final class TaskPrompts {
  /** Of all prompts: changes whenever the text of any of them does. */
  public static final String VERSION = "1";

  private static final String TEXT = "{content}";

  private TaskPrompts() {}

  /**
   * The parts of a call's prompt.
   *
   * @param given the arguments that the call gives
   * @param replacement option {@code task_prompt}; null for the task's own prompt
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the replacement has a place for
   *     what is no argument, or none for an argument that is given
   */
  public static List<PromptTemplate.Part> of(
      TaskCall call, Set<TaskParameter> given, String replacement) {
    String template = replacement == null ? template(call, given) : replacement;
    List<PromptTemplate.Part> parts = PromptTemplate.parse(OptionKey.TASK_PROMPT, template).parts();
    List<TaskParameter> places =
        call.task().parameters().stream().filter(TaskParameter::isInPrompt).toList();
    List<PromptTemplate.Part> filled =
        parts.stream().filter(PromptTemplate.Part::isColumn).toList();
    for (int i = 0; i < filled.size(); i++) {
      String name = filled.get(i).text();
      if (places.stream().noneMatch(p -> p.argumentName().equals(name))) {
        throw TaskErrors.unknownPlace(call.function(), i + 1, places);
      }
    }
    for (TaskParameter place : places) {
      if (given.contains(place)
          && filled.stream().noneMatch(part -> part.text().equals(place.argumentName()))) {
        throw TaskErrors.missingPlace(call.function(), place);
      }
    }
    return parts;
  }

  private static String template(TaskCall call, Set<TaskParameter> given) {
    return switch (call.task()) {
      case CLASSIFY ->
          paragraphs(
              call.isMultiLabel()
                  ? "Which of these labels fit the user's text? Answer with a JSON array of all labels"
                      + " that fit."
                  : "Which of these labels fits the user's text best? Answer with the label alone.",
              "Labels:\n{labels}",
              given.contains(TaskParameter.INSTRUCTIONS) ? "{instructions}" : "",
              given.contains(TaskParameter.EXAMPLES) ? "Examples:\n{examples}" : "",
              TEXT);
      case EXTRACT ->
          paragraphs(
              "Read what the response format asks for out of the user's text. Use null where the text"
                  + " does not say it and null is allowed.",
              given.contains(TaskParameter.INSTRUCTIONS) ? "{instructions}" : "",
              TEXT);
      case SUMMARIZE ->
          paragraphs(
              (given.contains(TaskParameter.MAX_WORDS)
                      ? "Summarize the user's text in at most {max_words} words."
                      : "Summarize the user's text in a few sentences.")
                  + " Answer with the summary alone, in the language of the text.",
              TEXT);
      case TRANSLATE ->
          paragraphs(
              "Translate the user's text into this language: {to_lang}. Answer with the translation"
                  + " alone.",
              TEXT);
      case FIX_GRAMMAR ->
          paragraphs(
              "Correct the grammar and the spelling of the user's text and change nothing else. Answer"
                  + " with the corrected text alone.",
              TEXT);
      case GEN -> "{prompt}";
      case SENTIMENT ->
          given.contains(TaskParameter.ASPECTS)
              ? paragraphs(
                  "What is the sentiment of the user's text about each of these aspects: positive,"
                      + " negative, neutral or mixed? It is neutral about what the text does not"
                      + " mention. Answer with a JSON object of the sentiments by aspect.",
                  "Aspects:\n{aspects}",
                  TEXT)
              : paragraphs(
                  "What is the sentiment of the user's text: positive, negative, neutral or mixed?"
                      + " Answer with one of these words alone.",
                  TEXT);
      case MASK ->
          paragraphs(
              "List all parts of the user's text that are what one of these labels names. Answer with a"
                  + " JSON array of objects with members label and text, where text is the part"
                  + " exactly as it is written.",
              "Labels:\n{labels}",
              TEXT);
      case AGG ->
          paragraphs(
              "The user's message holds many texts, with an empty line between two of them. Do this"
                  + " with all of them together:",
              "{instruction}",
              TEXT);
      case SUMMARIZE_AGG ->
          paragraphs(
              "The user's message holds many texts, with an empty line between two of them. "
                  + (given.contains(TaskParameter.MAX_WORDS)
                      ? "Summarize all of them together in at most {max_words} words."
                      : "Summarize all of them together in a few sentences.")
                  + " Answer with the summary alone.",
              TEXT);
      case FILTER ->
          paragraphs(
              "Is this true of the user's text? Answer with true or false alone.",
              "{condition}",
              TEXT);
    };
  }

  private static String paragraphs(String... paragraphs) {
    return String.join("\n\n", Stream.of(paragraphs).filter(p -> !p.isEmpty()).toList());
  }

  /** What a constant argument is in its place; empty where the call does not give it. */
  public static String text(TaskCall call, TaskParameter place) {
    return switch (place) {
      case LABELS, ASPECTS -> call.labels() == null ? "" : call.labels().lines();
      case INSTRUCTION -> call.instruction();
      case INSTRUCTIONS -> call.instructions() == null ? "" : call.instructions();
      case EXAMPLES -> examples(call);
      case MAX_WORDS -> call.maxWords() == null ? "" : call.maxWords().toString();
      case CONTENT, PROMPT, CONDITION, TO_LANG, SCHEMA, MULTI_LABEL ->
          throw new IllegalArgumentException(place + " is no constant of prompts");
    };
  }

  private static String examples(TaskCall call) {
    List<String> examples = new ArrayList<>();
    call.examples()
        .forEach(
            (text, labels) ->
                examples.add(
                    text
                        + "\n=> "
                        + (call.isMultiLabel() ? TaskForms.jsonArray(labels) : labels.get(0))));
    return String.join("\n", examples);
  }
}
