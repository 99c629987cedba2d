package io.github.gptoss.spark.internal.tasks;

import java.util.Locale;

/** The arguments of the task functions that are not options. */
public enum TaskParameter {
  CONTENT("the text, a string or what Spark casts to one; null gives null", true),
  PROMPT("the prompt, a string or what Spark casts to one; null gives null", true),
  CONDITION("what has to be true of the text; may be a column", true),
  TO_LANG("the language, by its name or its code; may be a column", true),
  LABELS(
      "the labels, array<string>, or map<string,string> of labels to their descriptions; a constant",
      false),
  SCHEMA(
      "what to extract, a constant: a Spark type such as 'struct<product:string,cents:int>', a JSON"
          + " Schema, OpenAI's response_format JSON, or array<string> of names",
      false),
  MULTI_LABEL("whether any number of the labels may fit; false if it is not given", false),
  INSTRUCTION("what to do with all texts of a group together, a constant", false),
  INSTRUCTIONS("more to tell the model, a constant", false),
  EXAMPLES(
      "texts and what they are, a constant: map<string,string>, or map<string,array<string>> with"
          + " multi_label",
      false),
  MAX_WORDS("how many words the model is asked for at most, a constant", false),
  ASPECTS("what the sentiment is about, array<string>, a constant", false);

  private final String description;
  private final boolean mayBeColumn;

  TaskParameter(String description, boolean mayBeColumn) {
    this.description = description;
    this.mayBeColumn = mayBeColumn;
  }

  /** As it is written in SQL, and in the braces of prompts. */
  public String argumentName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String description() {
    return description;
  }

  /** Whether rows may differ in it; else it is a constant that is checked before the query runs. */
  public boolean mayBeColumn() {
    return mayBeColumn;
  }

  /** Whether prompts have a place for it; the form of the answer shows the others. */
  boolean isInPrompt() {
    return this != SCHEMA && this != MULTI_LABEL;
  }
}
