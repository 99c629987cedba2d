package io.github.gptoss.engine.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.error.ConstraintException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which probabilities of values a request asks for.
 *
 * @param areWanted whether the probabilities of all values are wanted, not only that of the one
 *     that the answer has
 * @param paths members of the answer, names joined by dots, each once; none for the answer itself
 * @param cutOff ways to write a value that are less probable may be left out; 0 leaves out none
 */
public record ChoiceProbabilities(boolean areWanted, List<String> paths, double cutOff) {
  public static final double DEFAULT_CUT_OFF = 1e-3;

  /** Where nothing is asked for. */
  public static final ChoiceProbabilities NONE =
      new ChoiceProbabilities(false, List.of(), DEFAULT_CUT_OFF);

  private static final int MAX_PATHS = 64;

  public ChoiceProbabilities {
    paths = paths.stream().distinct().toList();
    if (!(cutOff >= 0 && cutOff <= 1)) {
      throw invalid("choice_probabilities_cutoff has to be between 0 and 1.");
    }
    if (paths.size() > MAX_PATHS) {
      throw invalid("choice_probabilities names more than " + MAX_PATHS + " members.");
    }
  }

  /**
   * Probabilities of the answer, or of its members.
   *
   * @param paths none for the answer itself
   */
  public static ChoiceProbabilities of(List<String> paths, double cutOff) {
    return new ChoiceProbabilities(true, paths, cutOff);
  }

  /**
   * Reads what requests say.
   *
   * @param json true for the answer itself, a text or a list of texts for members; null and false
   *     for nothing
   * @throws ConstraintException {@code invalid_request} if it is something else
   */
  public static ChoiceProbabilities of(JsonNode json, double cutOff) {
    if (json == null || json.isNull() || json.isBoolean()) {
      boolean areWanted = json != null && json.booleanValue();
      return new ChoiceProbabilities(areWanted, List.of(), cutOff);
    }
    List<String> paths = new ArrayList<>();
    for (JsonNode path : json.isTextual() ? List.of(json) : json) {
      if (!path.isTextual() || path.textValue().isEmpty()) {
        throw invalid("choice_probabilities has to be true, false, or names of members.");
      }
      paths.add(path.textValue());
    }
    if (paths.isEmpty()) {
      throw invalid("choice_probabilities has to be true, false, or names of members.");
    }
    return of(paths, cutOff);
  }

  private static ConstraintException invalid(String message) {
    return new ConstraintException(
        ConstraintException.Code.INVALID_REQUEST, "choice_probabilities", "", message);
  }
}
