package io.github.gptoss.engine.constraint;

import io.github.gptoss.engine.error.ConstraintException;
import java.util.List;

/**
 * Which probabilities of values a request asks for.
 *
 * @param areWanted whether the probabilities of all values are wanted, not only that of the one
 *     that the answer has
 * @param paths members of the answer, names joined by dots; none for the answer itself
 * @param cutOff ways to write a value that are less probable may be left out; 0 leaves out none
 */
public record ChoiceProbabilities(boolean areWanted, List<String> paths, double cutOff) {
  public static final double DEFAULT_CUT_OFF = 1e-3;

  /** Where nothing is asked for. */
  public static final ChoiceProbabilities NONE =
      new ChoiceProbabilities(false, List.of(), DEFAULT_CUT_OFF);

  private static final int MAX_PATHS = 64;

  public ChoiceProbabilities {
    paths = List.copyOf(paths);
    if (!(cutOff >= 0 && cutOff <= 1)) {
      throw invalid("the cut-off of choice_probabilities has to be between 0 and 1.");
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

  private static ConstraintException invalid(String message) {
    return new ConstraintException(
        ConstraintException.Code.INVALID_REQUEST, "choice_probabilities", "", message);
  }
}
