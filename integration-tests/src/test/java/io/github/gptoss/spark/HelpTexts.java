package io.github.gptoss.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What commands of the project say of themselves, each asked once. */
final class HelpTexts {
  private final Map<List<String>, String> texts = new HashMap<>();

  /** What a command says where it is asked for help. */
  String of(String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(command));
    words.add("--help");
    String known = texts.get(words);
    if (known == null) {
      Process process =
          new ProcessBuilder(words)
              .directory(Sessions.ROOT.toFile())
              .redirectErrorStream(true)
              .start();
      known = new String(process.getInputStream().readAllBytes(), UTF_8);
      process.waitFor();
      assertThat(known).as(String.join(" ", words)).contains("--");
      texts.put(words, known);
    }
    return known;
  }

  /** Arguments of GptOssJob and GptOssEval: docs/options.md, which is made of their classes. */
  String ofPrograms() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String row : Files.readAllLines(Sessions.ROOT.resolve("docs/options.md"))) {
      if (row.startsWith("| `")) {
        String name = row.substring(3, row.indexOf('`', 3));
        text.append(name.startsWith("--") ? name : "--" + name.replace('_', '-')).append('\n');
      }
    }
    return text.toString();
  }
}
