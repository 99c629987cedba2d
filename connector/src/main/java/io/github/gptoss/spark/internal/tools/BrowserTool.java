package io.github.gptoss.spark.internal.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.harmony.TextChunks;
import io.github.gptoss.spark.tools.ToolRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The built-in tool {@code browser} over a table of pages, without a network. What it shows has the
 * form that the models were trained with (openai/gpt-oss, gpt_oss/tools/simple_browser): {@code
 * [cursor] title (url)}, which lines are shown of how many, and the lines with their numbers; links
 * are {@code 【id†title†host】}. A cursor is the place of a view in the row's history. The history is
 * made of the row's earlier calls each time, so no state is kept.
 */
final class BrowserTool extends SingleCalls {
  static final Set<String> FUNCTIONS = Set.of("browser.search", "browser.open", "browser.find");

  private static final int DEFAULT_RESULTS = 10;
  private static final int MOST_RESULTS = 20;

  /** Tokens of a view whose lines are not counted by the call. */
  private static final int VIEW_TOKENS = 1024;

  private static final int MOST_MATCHES = 50;
  private static final int MATCH_LINES = 4;
  private static final int LINES_BEFORE_MATCH = 4;
  private static final int SUMMARY_CHARS = 200;
  private static final int URL_CHARS = 1024;
  private static final Pattern HOST = Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]+)");

  private final BrowserSpec spec;
  private final Pages pages;

  BrowserTool(BrowserSpec spec, Pages pages) {
    this.spec = spec;
    this.pages = pages;
    if (spec.isRanked()) {
      pages.makeIndex();
    }
  }

  @Override
  public Set<String> functions() {
    return FUNCTIONS;
  }

  @Override
  String answer(ToolRequest call) throws ToolException {
    History history = new History();
    for (ToolRequest earlier : call.earlier()) {
      if (FUNCTIONS.contains(earlier.function())) {
        history.repeat(earlier);
      }
    }
    return history.show(call);
  }

  /** What a row has looked at. */
  private final class History {
    private final List<PageView> views = new ArrayList<>();

    /** A call that failed has left nothing behind. */
    private void repeat(ToolRequest call) {
      try {
        var unused = show(call);
      } catch (ToolException | RuntimeException e) {
        // The model was told at the time, and the log where it was not the model's fault.
      }
    }

    private String show(ToolRequest call) throws ToolException {
      ObjectNode arguments = Arguments.object(call.arguments());
      return switch (call.function()) {
        case "browser.search" -> search(arguments);
        case "browser.open" -> open(arguments);
        default -> find(arguments);
      };
    }

    private String search(ObjectNode arguments) throws ToolException {
      String query = text(arguments, "query");
      int wanted = whole(arguments, "topn", DEFAULT_RESULTS);
      int most = Math.min(Math.max(wanted, 1), MOST_RESULTS);
      List<Page> found =
          spec.isRanked() ? pages.ranked(query, most) : pages.containing(query, most);
      StringBuilder text = new StringBuilder("\nURL: \n# Search Results\n");
      List<String> links = new ArrayList<>();
      for (Page page : found) {
        Matcher host = HOST.matcher(page.url());
        text.append("\n  * 【")
            .append(links.size())
            .append('†')
            .append(linkText(page.title().isBlank() ? page.url() : page.title()))
            .append(host.find() ? "†" + host.group(1) : "")
            .append("】 ")
            .append(summary(page, query));
        links.add(page.url());
      }
      if (found.isEmpty()) {
        text.append("\nNo results");
      }
      return show(PageView.of("", plain(query), text.toString(), links, null, null), 0, -1);
    }

    private String open(ObjectNode arguments) throws ToolException {
      int line = whole(arguments, "loc", -1);
      int lines = whole(arguments, "num_lines", -1);
      JsonNode id = arguments.get("id");
      PageView opened;
      if (id != null && id.isTextual() && page(id.textValue()) != null) {
        opened = page(id.textValue());
      } else if (id != null && id.isTextual() && !isNumber(id.textValue())) {
        throw new ToolException(
            "there is no page '"
                + Texts.cut(id.textValue(), SUMMARY_CHARS)
                + "': open a link of the search results, or search for it");
      } else {
        int link =
            id != null && id.isTextual()
                ? Integer.parseInt(id.textValue())
                : whole(arguments, "id", -1);
        PageView current = view(arguments);
        if (link < 0) {
          opened = current;
        } else if (link >= current.links().size()) {
          throw new ToolException(
              "there is no link "
                  + link
                  + " here"
                  + (current.links().isEmpty()
                      ? ", nor any other"
                      : ": the links are 0 to " + (current.links().size() - 1)));
        } else {
          opened = current.isOfFind() ? current.source() : page(current.links().get(link));
          if (line < 0 && current.isOfFind()) {
            int match = current.linkLines().get(link);
            line = match > LINES_BEFORE_MATCH ? match - LINES_BEFORE_MATCH : match;
          }
        }
      }
      return show(opened, Math.max(line, 0), lines);
    }

    private String find(ObjectNode arguments) throws ToolException {
      String pattern = text(arguments, "pattern");
      PageView page = view(arguments);
      if (page.isOfFind()) {
        throw new ToolException(
            "these are the results of a find, in which none can be made: give the cursor of a page");
      }
      String wanted = pattern.toLowerCase(Locale.ROOT);
      List<String> links = new ArrayList<>();
      List<Integer> linkLines = new ArrayList<>();
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < page.lines().size() && links.size() < MOST_MATCHES; i++) {
        if (page.lines().get(i).toLowerCase(Locale.ROOT).contains(wanted)) {
          int end = Math.min(i + MATCH_LINES, page.lines().size());
          text.append(links.isEmpty() ? "" : "\n\n")
              .append("# 【")
              .append(links.size())
              .append("†match at L")
              .append(i)
              .append("】\n")
              .append(String.join("\n", page.lines().subList(i, end)));
          links.add(page.url());
          linkLines.add(i);
          i = end - 1;
        }
      }
      if (links.isEmpty()) {
        text.append("No `find` results for pattern: `").append(plain(pattern)).append('`');
      }
      String url =
          page.url()
              + "/find?pattern="
              + URLEncoder.encode(wanted, StandardCharsets.UTF_8).replace("+", "%20");
      String title = "Find results for text: `" + plain(pattern) + "` in `" + page.title() + "`";
      return show(PageView.of(url, title, text.toString(), links, linkLines, page), 0, -1);
    }

    /** Adds a view to the history and shows lines of it; adds none where there is no such line. */
    private String show(PageView view, int from, int lines) throws ToolException {
      int last = view.lines().size() - 1;
      if (from > last) {
        throw new ToolException(
            "there is no line " + from + ": the last line of the page is " + last);
      }
      int to = lines > 0 ? (int) Math.min((long) from + lines, last + 1L) : endOfView(view, from);
      String shown =
          "["
              + views.size()
              + "] "
              + view.title()
              + (view.url().isEmpty() ? "" : " (" + Texts.cut(view.url(), URL_CHARS) + ")")
              + "\n**viewing lines ["
              + from
              + " - "
              + (to - 1)
              + "] of "
              + last
              + "**\n\n"
              + view.numbered(from, to);
      views.add(view);
      return shown;
    }

    private PageView view(ObjectNode arguments) throws ToolException {
      int cursor = whole(arguments, "cursor", -1);
      if (views.isEmpty()) {
        throw new ToolException("no page is open yet: search first");
      }
      if (cursor >= views.size() || cursor < -1) {
        throw new ToolException(
            "there is no cursor " + cursor + ": the cursors are 0 to " + (views.size() - 1));
      }
      return views.get(cursor < 0 ? views.size() - 1 : cursor);
    }
  }

  /** Null where the table has none of this url. */
  private PageView page(String url) {
    Page page = pages.at(url);
    return page == null
        ? null
        : PageView.of(
            page.url(),
            plain(page.title()),
            "\nURL: " + page.url() + "\n" + plain(page.text()),
            List.of(),
            null,
            null);
  }

  /** The line behind the one in which the tokens of a view end. */
  static int endOfView(PageView view, int from) {
    // A line has several tokens, its number among them: what is behind is in no view.
    int most = (int) Math.min((long) from + VIEW_TOKENS, view.lines().size());
    List<String> parts = TextChunks.of(List.of(view.numbered(from, most)), VIEW_TOKENS);
    if (parts.size() <= 1) {
      return view.lines().size();
    }
    long shown = parts.get(0).chars().filter(c -> c == '\n').count();
    return (int) Math.min(view.lines().size(), from + shown + 1);
  }

  /** The line of a page that has most of the query's words. */
  private static String summary(Page page, String query) {
    Set<String> wanted = new HashSet<>(Words.of(query));
    String best = "";
    int most = -1;
    for (String line : page.text().split("\n", -1)) {
      int found = (int) new HashSet<>(Words.of(line)).stream().filter(wanted::contains).count();
      if (found > most && !line.isBlank()) {
        most = found;
        best = line.strip();
      }
    }
    return Texts.cut(plain(best), SUMMARY_CHARS);
  }

  /** A text that cannot be taken for a link. */
  private static String plain(String text) {
    return text.replace("\r\n", "\n")
        .replace('\r', '\n')
        .replace('【', '〖')
        .replace('】', '〗')
        .replace("\u200b", "");
  }

  private static String linkText(String title) {
    return plain(title).replace('†', '‡').replaceAll("\\s+", " ").strip();
  }

  private static boolean isNumber(String text) {
    return text.matches("\\d{1,6}");
  }

  private static String text(ObjectNode arguments, String name) throws ToolException {
    JsonNode value = arguments.get(name);
    if (value == null || !value.isValueNode() || value.asText().isBlank()) {
      throw new ToolException("argument '" + name + "' is missing: give a text");
    }
    return value.asText();
  }

  private static int whole(ObjectNode arguments, String name, int otherwise) throws ToolException {
    JsonNode value = arguments.get(name);
    if (value == null || value.isNull()) {
      return otherwise;
    }
    if (!value.isNumber()
        || value.doubleValue() != Math.rint(value.doubleValue())
        || !value.canConvertToInt()) {
      throw new ToolException("argument '" + name + "' must be a whole number");
    }
    return value.intValue();
  }
}
