package io.github.gptoss.spark;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.error.ConstraintException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README and the pages of docs/, as a reader of the repository sees them. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern CODE =
      Pattern.compile("^```.*?^```|`[^`\\n]*`", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

  /** A list below a line of text, or a list within one that is indented by less than four. */
  private static final Pattern NO_LIST_ON_THE_SITE =
      Pattern.compile(
          "^(?!- |\\d+\\. )[^\\s#|>].*\\n(?:- |\\d+\\. ).*|^ {1,3}(?:- |\\d+\\. ).*",
          Pattern.MULTILINE);

  private static List<Path> documents() throws IOException {
    try (Stream<Path> root = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(root, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  /** The anchors of a document's headings, by GitHub's rule, which is that of the site too. */
  private static Set<String> anchors(Path document) throws IOException {
    return HEADING
        .matcher(Files.readString(document))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(text -> text.replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-'))
        .collect(toSet());
  }

  private static boolean leadsSomewhere(Path document, String link) throws IOException {
    if (link.startsWith("https://")) {
      return true;
    }
    String[] parts = link.split("#", 2);
    Path file = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]).normalize();
    return Files.exists(file)
        && file.startsWith(ROOT)
        && (parts.length == 1 || anchors(file).contains(parts[1]));
  }

  private static String withoutCode(Path document) throws IOException {
    return CODE.matcher(Files.readString(document)).replaceAll("");
  }

  @Test
  void theReadmeIsShort() throws Exception {
    assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(120);
  }

  @Test
  void everyLinkLeadsSomewhere() throws Exception {
    List<String> links = new ArrayList<>();
    List<String> dead = new ArrayList<>();
    for (Path document : documents()) {
      for (MatchResult link : LINK.matcher(withoutCode(document)).results().toList()) {
        links.add(link.group(1));
        if (!leadsSomewhere(document, link.group(1))) {
          dead.add(ROOT.relativize(document) + " links to " + link.group(1));
        }
      }
    }
    assertThat(links).as("links that are found").contains("docs/sql.md", "adapters.md");
    assertThat(dead).isEmpty();
  }

  @Test
  void errorsOfARowAreMadeSomewhere() throws Exception {
    String page = Files.readString(ROOT.resolve("docs/error-conditions.md"));
    String rows = page.substring(page.indexOf("| `null_prompt`"));
    List<String> codes =
        Pattern.compile("^\\| `([a-z_]+)` \\||`([a-z_]+)`(?=,| and|\\.$)", Pattern.MULTILINE)
            .matcher(rows)
            .results()
            .map(code -> code.group(1) == null ? code.group(2) : code.group(1))
            .toList();
    assertThat(codes).contains("null_prompt", "numerical_error", "unknown_parameter");
    Set<String> made =
        Stream.of(ConstraintException.Code.values())
            .map(ConstraintException.Code::text)
            .collect(toSet());
    for (String module : List.of("engine", "connector")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module + "/src/main/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          Matcher text = Pattern.compile("\"([a-z_]+)\"").matcher(Files.readString(file));
          while (text.find()) {
            made.add(text.group(1));
          }
        }
      }
    }
    assertThat(made).containsAll(codes);
  }

  /** GitHub takes such lines for a list, and the site does not. */
  @Test
  void everyListIsOneOnTheSiteToo() throws Exception {
    List<String> lists = new ArrayList<>();
    for (Path document : documents()) {
      NO_LIST_ON_THE_SITE
          .matcher(withoutCode(document))
          .results()
          .forEach(list -> lists.add(ROOT.relativize(document) + ": " + list.group()));
    }
    assertThat(lists).isEmpty();
  }
}
