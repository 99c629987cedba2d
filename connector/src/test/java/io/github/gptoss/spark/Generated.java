package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Texts of the repository that are made from the code. */
public final class Generated {
  private Generated() {}

  /**
   * Expects a file to be what the code says, or with {@code -Dregenerate=true} makes it so.
   *
   * @param file from the module's folder
   */
  public static void assertIs(Path file, String expected) throws IOException {
    if (Boolean.getBoolean("regenerate")) {
      Files.writeString(file, expected);
    }
    assertThat(file)
        .as("%s is made from the code: run this test with -Dregenerate=true to write it", file)
        .content()
        .isEqualTo(expected);
  }
}
