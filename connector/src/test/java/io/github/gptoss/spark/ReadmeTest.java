package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.conf.OptionKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReadmeTest {
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
    String readme = Files.readString(Path.of("../README.md"));
    int begin = readme.indexOf('\n', readme.indexOf(BEGIN)) + 1;
    String written = readme.substring(begin, readme.indexOf(END));
    assertThat(written)
        .as("README.md, between '%s' and '%s', has to be:%n%n%s", BEGIN, END, table())
        .isEqualTo(table());
  }
}
