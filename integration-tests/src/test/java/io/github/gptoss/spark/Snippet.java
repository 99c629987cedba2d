package io.github.gptoss.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A fenced block of a document. A block that this project cannot run, such as code for another
 * system, has a line {@code <!-- not run: why -->} before it.
 *
 * @param place file and line, for messages
 * @param language of the fence, empty if it has none
 * @param whyNotRun null where it is run
 */
record Snippet(String place, String language, String code, String whyNotRun) {
  private static final Pattern FENCE =
      Pattern.compile(
          "^( *)(?:<!-- not run: (.*?) -->\\n\\1)?```(\\w*).*?\\n(.*?)^\\1```$",
          Pattern.MULTILINE | Pattern.DOTALL);

  boolean isRun() {
    return whyNotRun == null;
  }

  /** The README and its like, the Python package's, and all pages of docs/. */
  static List<Path> documents() throws IOException {
    try (Stream<Path> root = Files.list(Sessions.ROOT);
        Stream<Path> docs = Files.walk(Sessions.ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of(Sessions.ROOT.resolve("python/README.md")), Stream.concat(root, docs))
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  static List<Snippet> all() throws IOException {
    List<Snippet> all = new ArrayList<>();
    for (Path document : documents()) {
      String text = Files.readString(document);
      Matcher fence = FENCE.matcher(text);
      while (fence.find()) {
        long line = text.substring(0, fence.start(4)).lines().count() + 1;
        all.add(
            new Snippet(
                Sessions.ROOT.relativize(document) + ":" + line,
                fence.group(3),
                fence.group(4).stripIndent(),
                fence.group(2)));
      }
    }
    return all;
  }

  static List<Snippet> of(String language) throws IOException {
    return all().stream().filter(snippet -> snippet.language().equals(language)).toList();
  }

  /** A document without its fenced blocks. */
  static String prose(Path document) throws IOException {
    return FENCE.matcher(Files.readString(document)).replaceAll("");
  }
}
