package io.github.gptoss.spark.internal.models;

/**
 * One file of a model at its source.
 *
 * @param name the file's name, without a folder
 * @param bytes the file's length
 * @param digest the digest that the source lists; null if it lists none
 */
record ModelFile(String name, long bytes, Digest digest) {

  enum Algorithm {
    SHA256,
    /** SHA-1 of {@code "blob " + length + NUL} and the content, git's name of a blob. */
    GIT_SHA1
  }

  /**
   * @param hex hexadecimal digits in lower case
   */
  record Digest(Algorithm algorithm, String hex) {}
}
