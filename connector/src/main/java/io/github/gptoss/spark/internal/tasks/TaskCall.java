package io.github.gptoss.spark.internal.tasks;

import java.util.List;
import java.util.Map;

/**
 * What the constant arguments of a task's call say. Arguments that rows may differ in are not here.
 *
 * @param function as it is called, for errors
 * @param labels labels, names to extract or aspects; null where there are none
 * @param schema what to extract, as it is given; null where names say it, and for other tasks
 * @param isMultiLabel whether any number of labels may fit
 * @param instruction what to do with a group of texts; null for tasks of single texts
 * @param instructions null for none
 * @param examples what texts are; empty for none
 * @param maxWords null for no limit
 */
public record TaskCall(
    Task task,
    String function,
    Labels labels,
    String schema,
    boolean isMultiLabel,
    String instruction,
    String instructions,
    Map<String, List<String>> examples,
    Long maxWords) {
  /**
   * Checks what arguments must be to each other.
   *
   * @throws io.github.gptoss.spark.internal.options.CallException if there are too many labels for
   *     {@code multi_label}, or an example is of none of the labels
   */
  public TaskCall check() {
    if (isMultiLabel && labels.texts().size() > Labels.MOST_COMBINED) {
      throw TaskErrors.tooManyForMultiLabel(function, labels.texts().size(), Labels.MOST_COMBINED);
    }
    if (maxWords != null && maxWords < 1) {
      throw TaskErrors.tooFewWords(function, maxWords);
    }
    int place = 1;
    for (List<String> answer : examples.values()) {
      if (!isMultiLabel && answer.size() != 1) {
        throw TaskErrors.labelsOfExample(function, place, answer.size());
      }
      if (answer.stream().anyMatch(text -> text == null || !labels.texts().contains(text))) {
        throw TaskErrors.noLabelOfExample(function, place);
      }
      place++;
    }
    return this;
  }
}
