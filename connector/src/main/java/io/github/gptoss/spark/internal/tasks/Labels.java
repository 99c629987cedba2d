package io.github.gptoss.spark.internal.tasks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A list of texts that an answer is made of: labels, names or aspects. Any text will do, also one
 * that begins like another, or is spelled like a token of the model's.
 *
 * @param texts at least one, none of them blank, each once
 * @param descriptions of the texts, in their order; null for one that has none
 */
public record Labels(List<String> texts, List<String> descriptions) {
  /** How many a list may have. */
  public static final int MOST = 1000;

  /** How many labels may be combined in one answer. */
  public static final int MOST_COMBINED = 64;

  /**
   * Checks a list.
   *
   * @param function as it is called, for errors
   * @param argument whose value the list is
   * @param texts may hold null
   * @param descriptions may hold null; null for no descriptions
   * @throws io.github.gptoss.spark.internal.options.CallException if the list is empty or too long,
   *     or a text is null, blank or there twice; names and aspects are fields of structs, so the
   *     same name in another case is the same
   */
  public static Labels of(
      String function, TaskParameter argument, List<String> texts, List<String> descriptions) {
    if (texts.isEmpty()) {
      throw TaskErrors.emptyList(function, argument);
    }
    if (texts.size() > MOST) {
      throw TaskErrors.tooMany(function, argument, texts.size(), MOST);
    }
    Map<String, Integer> places = new HashMap<>();
    List<String> checked = new ArrayList<>();
    for (String text : texts) {
      int place = checked.size() + 1;
      if (text == null) {
        throw TaskErrors.nullEntry(function, argument, place);
      }
      if (text.isBlank()) {
        throw TaskErrors.blankEntry(function, argument, place);
      }
      Integer first =
          places.put(
              argument == TaskParameter.LABELS ? text : text.toLowerCase(Locale.ROOT), place);
      if (first != null) {
        throw TaskErrors.sameTwice(function, argument, first, place);
      }
      checked.add(text);
    }
    List<String> described = new ArrayList<>();
    for (int i = 0; i < checked.size(); i++) {
      described.add(descriptions == null ? null : descriptions.get(i));
    }
    return new Labels(List.copyOf(checked), described);
  }

  /** As prompts show them: one a line. */
  String lines() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      String description = descriptions.get(i);
      lines
          .append(i == 0 ? "- " : "\n- ")
          .append(texts.get(i))
          .append(description == null || description.isBlank() ? "" : ": " + description);
    }
    return lines.toString();
  }
}
