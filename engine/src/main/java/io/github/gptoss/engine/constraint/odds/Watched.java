package io.github.gptoss.engine.constraint.odds;

import io.github.gptoss.engine.constraint.AnswerType;
import io.github.gptoss.engine.constraint.ChoiceProbabilities;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.json.UntrustedText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The values whose probabilities are found.
 *
 * @param paths names of members from the outermost on; one without names is the answer itself
 * @param isJson whether answers are JSON
 * @param isMap whether the probabilities of all values are wanted
 */
public record Watched(List<List<String>> paths, boolean isJson, boolean isMap, double cutOff) {
  private static final Watched NOTHING =
      new Watched(List.of(), false, false, ChoiceProbabilities.DEFAULT_CUT_OFF);

  public Watched {
    paths = List.copyOf(paths);
  }

  /**
   * What a turn asks for: the values of its answer, where there is a finite set of them, or of the
   * members that it names.
   *
   * @throws ConstraintException {@code invalid_request} if a member that it names has no finite set
   *     of values
   */
  public static Watched of(TurnSpec turn) {
    ChoiceProbabilities asked = turn.probabilities();
    ConstraintSpec answer = turn.answer();
    if (answer == null) {
      return NOTHING;
    }
    AnswerType type = Constraint.type(answer);
    List<List<String>> paths = new ArrayList<>();
    for (String path : asked.paths()) {
      List<String> names = List.of(path.split("\\.", -1));
      AnswerType member = member(type, names).orElseThrow(() -> noMember(path));
      if (!member.isFinite()) {
        throw invalid(
            "choice_probabilities names member "
                + UntrustedText.quote(path)
                + ", which has no finite set of values: name one that is an enum, a boolean or an"
                + " integer between two bounds.");
      }
      paths.add(names);
    }
    if (paths.isEmpty() && type.isFinite()) {
      paths.add(List.of());
    }
    boolean isJson = answer.kind() == ConstraintSpec.Kind.JSON_SCHEMA;
    return new Watched(paths, isJson, asked.areWanted(), asked.cutOff());
  }

  private static Optional<AnswerType> member(AnswerType type, List<String> names) {
    AnswerType found = type;
    for (String name : names) {
      found =
          found.members().stream()
              .filter(member -> member.name().equals(name))
              .map(AnswerType.Member::type)
              .findFirst()
              .orElse(null);
      if (found == null) {
        return Optional.empty();
      }
    }
    return Optional.of(found);
  }

  private static ConstraintException noMember(String path) {
    return invalid(
        "choice_probabilities names member "
            + UntrustedText.quote(path)
            + ", which the form of the answer does not declare: give names joined by dots.");
  }

  private static ConstraintException invalid(String message) {
    return new ConstraintException(
        ConstraintException.Code.INVALID_REQUEST, "choice_probabilities", "", message);
  }
}
