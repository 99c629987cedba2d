package io.github.gptoss.spark.internal.tasks;

import static io.github.gptoss.spark.internal.tasks.TaskParameter.ASPECTS;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.CONDITION;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.CONTENT;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.EXAMPLES;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.INSTRUCTION;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.INSTRUCTIONS;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.LABELS;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.MAX_WORDS;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.MULTI_LABEL;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.PROMPT;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.SCHEMA;
import static io.github.gptoss.spark.internal.tasks.TaskParameter.TO_LANG;

import java.util.List;
import java.util.Locale;

/** The table of tasks: a row is a function of SQL. */
public enum Task {
  CLASSIFY(
      "Says which of the labels fits a text: a string, or with multi_label an array of strings",
      "_FUNC_(body, array('refund', 'bug', 'other'))",
      2,
      CONTENT,
      LABELS,
      MULTI_LABEL,
      INSTRUCTIONS,
      EXAMPLES),
  EXTRACT(
      "Reads fields out of a text, as the type that the schema says: a struct of strings where it is"
          + " given as names",
      "_FUNC_(body, 'struct<product:string,cents:int>')",
      2,
      CONTENT,
      SCHEMA,
      INSTRUCTIONS),
  SUMMARIZE(
      "Summarizes a text, as a string", "_FUNC_(body, max_words => 30)", 1, CONTENT, MAX_WORDS),
  TRANSLATE("Translates a text, as a string", "_FUNC_(body, 'German')", 2, CONTENT, TO_LANG),
  FIX_GRAMMAR(
      "Corrects the grammar and the spelling of a text, as a string", "_FUNC_(body)", 1, CONTENT),
  GEN("Answers a prompt, as a string", "_FUNC_(concat('Write a reply: ', body))", 1, PROMPT),
  SENTIMENT(
      "Says whether a text is positive, negative, neutral or mixed: a string, or with aspects a map"
          + " of strings by aspect",
      "_FUNC_(body, array('price', 'service'))",
      1,
      CONTENT,
      ASPECTS),
  MASK(
      "Replaces what the labels name in a text by the label in brackets and leaves every other"
          + " character as it is, as a string",
      "_FUNC_(body, array('person', 'email'))",
      2,
      CONTENT,
      LABELS),
  FILTER(
      "Says whether something is true of a text, as a boolean",
      "_FUNC_('the customer is angry', body)",
      2,
      CONDITION,
      CONTENT),
  AGG(
      "Does with all texts of a group together what the instruction says, as a string",
      "_FUNC_(body, 'What do customers complain about most?')",
      2,
      CONTENT,
      INSTRUCTION),
  SUMMARIZE_AGG(
      "Summarizes all texts of a group together, as a string",
      "_FUNC_(body, max_words => 100)",
      1,
      CONTENT,
      MAX_WORDS);

  private final String description;
  private final String example;
  private final int required;
  private final List<TaskParameter> parameters;

  Task(String description, String example, int required, TaskParameter... parameters) {
    this.description = description;
    this.example = example;
    this.required = required;
    this.parameters = List.of(parameters);
  }

  /** Whether it makes one answer of the texts of many rows. */
  public boolean isAggregate() {
    return this == AGG || this == SUMMARIZE_AGG;
  }

  /** As it is called in a catalog: {@code classify}. */
  public String shortName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** One sentence without its full stop. */
  public String description() {
    return description;
  }

  /** A call, with {@code _FUNC_} for the function's name. */
  public String example() {
    return example;
  }

  /** In the order in which they are given without names. */
  public List<TaskParameter> parameters() {
    return parameters;
  }

  /** Those that every call has to give. */
  public List<TaskParameter> required() {
    return parameters.subList(0, required);
  }
}
