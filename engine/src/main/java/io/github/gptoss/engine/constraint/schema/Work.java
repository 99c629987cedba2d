package io.github.gptoss.engine.constraint.schema;

/**
 * The steps that combining the schemas of one root may take: pairs of alternatives, and the parts,
 * values and names that are looked at in them. Counted rather than timed, so that a schema is
 * refused everywhere or nowhere.
 */
final class Work {
  /** Takes well under a second. */
  private static final long MAX_STEPS = 2_000_000;

  private long steps;

  /**
   * Counts steps that are taken for a keyword.
   *
   * @throws io.github.gptoss.engine.error.ConstraintException if all steps together are too many
   */
  void spend(long more, String keyword, String path) {
    steps += more;
    if (steps > MAX_STEPS) {
      throw SchemaErrors.tooLarge(
          keyword,
          path,
          String.format("combining the schemas takes more than %,d steps", MAX_STEPS));
    }
  }
}
