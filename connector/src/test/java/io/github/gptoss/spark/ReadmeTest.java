package io.github.gptoss.spark;

import io.github.gptoss.spark.internal.options.OptionKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  private static final Path README = Path.of("../README.md");
  private static final String BEGIN = "<!-- options:";
  private static final String END = "<!-- end of options -->";

  private static String table() {
    return Arrays.stream(OptionKey.values())
        .map(
            key ->
                "| `%s` | %s | %s |\n"
                    .formatted(
                        key.optionName(),
                        key.defaultValue() == null ? "" : "`" + key.defaultValue() + "`",
                        key.description().replace("|", "\\|")))
        .collect(Collectors.joining("", "| option | default | |\n|---|---|---|\n", ""));
  }

  @Test
  void theOptionsTableIsThatOfTheOptions() throws Exception {
    String readme = Files.readString(README);
    int begin = readme.indexOf('\n', readme.indexOf(BEGIN)) + 1;
    Generated.assertIs(
        README, readme.substring(0, begin) + table() + readme.substring(readme.indexOf(END)));
  }
}
