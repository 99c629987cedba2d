package io.github.gptoss.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/**
 * The task functions of SQL as columns: {@code gptoss_classify} and its like, which batch wherever
 * they are in a query. They are functions of the session: it needs {@link GptOssExtensions} or
 * {@link GptOss#install}.
 *
 * <pre>{@code
 * tickets.select(col("id"), GptOssFunctions.classify(col("body"), "refund", "bug", "other"));
 * tickets.where(GptOssFunctions.filter("the customer is angry", col("body")));
 * }</pre>
 *
 * <p>{@code more} has further arguments of the SQL function, and options, by their names: what
 * {@link GptOssOptions#toMap} gives, for one. A value is a {@link Column}, a list, a map, or
 * anything that {@link functions#lit} takes.
 *
 * <p>A row whose text is null, and one that has an error, is null; {@link #detail} says why. What
 * is wrong with an argument is an {@link org.apache.spark.sql.AnalysisException} when the column is
 * put into a query.
 */
public final class GptOssFunctions {
  private GptOssFunctions() {}

  /** Which of the labels fits best: a string. */
  public static Column classify(Column content, String... labels) {
    return classify(content, Arrays.asList(labels), Map.of());
  }

  /**
   * Which of the labels fits best: a string; with {@code multi_label}, all that fit: an array of
   * strings.
   *
   * @param more also {@code multi_label}, {@code instructions} and {@code examples}
   */
  public static Column classify(Column content, List<String> labels, Map<String, ?> more) {
    return call("classify", more, content, value(labels));
  }

  /**
   * The same, with descriptions of the labels for the model.
   *
   * @param labels descriptions by label, in the map's order
   */
  public static Column classify(Column content, Map<String, String> labels, Map<String, ?> more) {
    return call("classify", more, content, value(labels));
  }

  /**
   * What the schema asks for, as the type that follows from it.
   *
   * @param schema a Spark type such as {@code struct<product:string,cents:int>}, a JSON Schema, or
   *     OpenAI's response_format JSON
   */
  public static Column extract(Column content, String schema) {
    return extract(content, schema, Map.of());
  }

  /**
   * The same.
   *
   * @param more also {@code instructions}
   */
  public static Column extract(Column content, String schema, Map<String, ?> more) {
    return call("extract", more, content, functions.lit(schema));
  }

  /** A struct of strings with these names, each null where the text does not say it. */
  public static Column extract(Column content, List<String> names, Map<String, ?> more) {
    return call("extract", more, content, value(names));
  }

  /** A summary: a string. */
  public static Column summarize(Column content) {
    return summarize(content, Map.of());
  }

  /**
   * A summary: a string.
   *
   * @param more also {@code max_words}, how many words the model is asked for at most
   */
  public static Column summarize(Column content, Map<String, ?> more) {
    return call("summarize", more, content);
  }

  /**
   * A translation: a string.
   *
   * @param toLang the language, by its name or its code
   */
  public static Column translate(Column content, String toLang) {
    return translate(content, functions.lit(toLang), Map.of());
  }

  /** The same, where each row may have a language of its own. */
  public static Column translate(Column content, Column toLang, Map<String, ?> more) {
    return call("translate", more, content, toLang);
  }

  /** The text with its grammar and its spelling corrected: a string. */
  public static Column fixGrammar(Column content) {
    return fixGrammar(content, Map.of());
  }

  /** The same with more arguments. */
  public static Column fixGrammar(Column content, Map<String, ?> more) {
    return call("fix_grammar", more, content);
  }

  /** The answer to a prompt: a string. */
  public static Column gen(Column prompt) {
    return gen(prompt, Map.of());
  }

  /** The same with more arguments. */
  public static Column gen(Column prompt, Map<String, ?> more) {
    return call("gen", more, prompt);
  }

  /** The sentiment of a text: positive, negative, neutral or mixed. */
  public static Column sentiment(Column content) {
    return call("sentiment", Map.of(), content);
  }

  /**
   * The sentiment of a text, or with {@code aspects} a map of the sentiments by aspect.
   *
   * @param more also {@code aspects}, a list of strings
   */
  public static Column sentiment(Column content, Map<String, ?> more) {
    return call("sentiment", more, content);
  }

  /** The text with what the labels name replaced by the label in brackets: a string. */
  public static Column mask(Column content, String... labels) {
    return mask(content, Arrays.asList(labels), Map.of());
  }

  /** The same with more arguments. */
  public static Column mask(Column content, List<String> labels, Map<String, ?> more) {
    return call("mask", more, content, value(labels));
  }

  /** Whether something is true of a text: a boolean. */
  public static Column filter(String condition, Column content) {
    return filter(functions.lit(condition), content, Map.of());
  }

  /** The same, where each row may have a condition of its own. */
  public static Column filter(Column condition, Column content, Map<String, ?> more) {
    return call("filter", more, condition, content);
  }

  /** What an instruction says of all texts of a group together: a string, an aggregate. */
  public static Column agg(Column content, String instruction) {
    return agg(content, instruction, Map.of());
  }

  /** The same, with options. */
  public static Column agg(Column content, String instruction, Map<String, ?> more) {
    return call("agg", more, content, functions.lit(instruction));
  }

  /**
   * A summary of all texts of a group together: a string, an aggregate.
   *
   * @param more also {@code max_words}
   */
  public static Column summarizeAgg(Column content, Map<String, ?> more) {
    return call("summarize_agg", more, content);
  }

  /**
   * The whole completion of a task, a struct, whose {@code parsed} is what the model answered and
   * whose {@code error_code} says why there is no answer.
   *
   * @param task as in SQL, without {@code gptoss_}: {@code classify}
   * @param first the SQL function's first argument
   * @param more its other arguments, and options
   */
  public static Column detail(String task, Column first, Map<String, ?> more) {
    return call(task + "_detail", more, first);
  }

  private static Column call(String task, Map<String, ?> more, Column... arguments) {
    List<Column> all = new ArrayList<>(Arrays.asList(arguments));
    if (!more.isEmpty()) {
      List<Column> fields = new ArrayList<>();
      more.forEach(
          (name, value) -> {
            fields.add(functions.lit(name));
            fields.add(value(value));
          });
      all.add(functions.call_function("named_struct", fields.toArray(new Column[0])));
    }
    return functions.call_function("gptoss_" + task, all.toArray(new Column[0]));
  }

  private static Column value(Object value) {
    if (value instanceof Collection<?> items) {
      return functions.array(items.stream().map(GptOssFunctions::value).toArray(Column[]::new));
    }
    if (value instanceof Map<?, ?> map) {
      List<Column> entries = new ArrayList<>();
      map.forEach(
          (key, entry) -> {
            entries.add(value(key));
            entries.add(value(entry));
          });
      return functions.map(entries.toArray(new Column[0]));
    }
    return value instanceof Column column ? column : functions.lit(value);
  }
}
