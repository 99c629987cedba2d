package io.github.gptoss.spark.model;

/**
 * One file of a model at its source.
 *
 * @param name without any folder
 * @param bytes its length
 * @param digest of its content as the source tells it; null where the source tells none
 */
record ModelFile(String name, long bytes, Digest digest) {

  /** How a content's digest is made. */
  enum Algorithm {
    SHA256,
    /** SHA-1 of {@code "blob " + length + NUL} and the content: how git names it. */
    GIT_SHA1
  }

  /**
   * @param hex lower case
   */
  record Digest(Algorithm algorithm, String hex) {}
}
