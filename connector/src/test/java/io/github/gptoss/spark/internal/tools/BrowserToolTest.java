package io.github.gptoss.spark.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BrowserToolTest {
  private static final Page APPLES =
      new Page(
          "https://fruit.example/apples",
          "Apples",
          "Apples are red.\n\nApples grow on trees in the autumn of the year, and they are picked by"
              + " hand before the frost.\nPears are not apples.");
  private static final Page PEARS =
      new Page("pears", "Pears 【0†trap】", "Pears are green. 【5†click】\r\nEnd");
  private static final Page LONG =
      new Page(
          "https://long.example/",
          "Long",
          IntStream.range(0, 2000)
              .mapToObj(i -> "line number " + i)
              .collect(Collectors.joining("\n")));

  private final BrowserTool tool = tool("bm25");
  private final List<ToolRequest> made = new ArrayList<>();

  private static BrowserTool tool(String search) {
    return new BrowserTool(
        new BrowserSpec("pages", "url", "title", "text", search.equals("bm25")),
        new Pages(List.of(APPLES, PEARS, LONG)));
  }

  /** The next call of one row. */
  private ToolResult call(String function, String arguments) throws Exception {
    ToolRequest call = new ToolRequest("c", "browser." + function, arguments, made);
    ToolResult result = tool.execute(List.of(call)).get(0);
    made.add(Calls.of(call.function(), arguments));
    return result;
  }

  @Test
  void showsSearchResultsAsLinks() throws Exception {
    assertThat(call("search", "{\"query\": \"pears\", \"topn\": 2}").value())
        .isEqualTo(
            "[0] pears\n"
                + "**viewing lines [0 - 5] of 5**\n\n"
                + "L0: \n"
                + "L1: URL: \n"
                + "L2: # Search Results\n"
                + "L3: \n"
                + "L4:   * 【0†Pears 〖0‡trap〗】 Pears are green. 〖5†click〗\n"
                + "L5:   * 【1†Apples†fruit.example】 Pears are not apples.");
    assertThat(call("search", "{\"query\": \"zebra\"}").value())
        .isEqualTo(
            "[1] zebra\n**viewing lines [0 - 4] of 4**\n\n"
                + "L0: \nL1: URL: \nL2: # Search Results\nL3: \nL4: No results");
  }

  @Test
  void opensLinksUrlsAndPlacesOfPages() throws Exception {
    call("search", "{\"query\": \"apples\"}");
    String apples =
        "Apples (https://fruit.example/apples)\n**viewing lines [0 - 6] of 6**\n\n"
            + "L0: \n"
            + "L1: URL: https://fruit.example/apples\n"
            + "L2: Apples are red.\n"
            + "L3: \n"
            + "L4: Apples grow on trees in the autumn of the year, and they are picked by hand \n"
            + "L5: before the frost.\n"
            + "L6: Pears are not apples.";
    assertThat(call("open", "{\"id\": 0}").value()).isEqualTo("[1] " + apples);
    assertThat(call("open", "{\"id\": \"https://fruit.example/apples\"}").value())
        .isEqualTo("[2] " + apples);
    assertThat(call("open", "{\"id\": 0, \"cursor\": 0}").value()).isEqualTo("[3] " + apples);
    assertThat(call("open", "{\"loc\": 2, \"num_lines\": 2}").value())
        .isEqualTo(
            "[4] Apples (https://fruit.example/apples)\n**viewing lines [2 - 3] of 6**\n\n"
                + "L2: Apples are red.\nL3: ");
    assertThat(call("open", "{\"cursor\": 0, \"loc\": 4, \"num_lines\": 100}").value())
        .startsWith("[5] apples\n**viewing lines [4 - 4] of 4**\n\nL4:   * 【0†Apples");
    assertThat(call("open", "{\"id\": \"pears\"}").value())
        .endsWith("L2: Pears are green. 〖5†click〗\nL3: End");
  }

  @Test
  void findsALineAndOpensIt() throws Exception {
    call("open", "{\"id\": \"https://long.example/\"}");
    assertThat(call("find", "{\"pattern\": \"NUMBER 199\"}").value())
        .startsWith(
            "[1] Find results for text: `NUMBER 199` in `Long`"
                + " (https://long.example//find?pattern=number%20199)\n"
                + "**viewing lines [0 - 20] of 20**\n\n"
                + "L0: # 【0†match at L201】\n"
                + "L1: line number 199\nL2: line number 200\nL3: line number 201\nL4: line number 202\n"
                + "L5: \n"
                + "L6: # 【1†match at L1992】\n"
                + "L7: line number 1990");
    assertThat(call("open", "{\"id\": 0, \"num_lines\": 5}").value())
        .isEqualTo(
            "[2] Long (https://long.example/)\n**viewing lines [197 - 201] of 2001**\n\n"
                + "L197: line number 195\nL198: line number 196\nL199: line number 197\n"
                + "L200: line number 198\nL201: line number 199");
    assertThat(call("find", "{\"pattern\": \"zebra\", \"cursor\": 0}").value())
        .endsWith("\n\nL0: No `find` results for pattern: `zebra`");
  }

  @Test
  void aMatchWithinSearchResultsLeadsBackToThem() throws Exception {
    String results = call("search", "{\"query\": \"apples\"}").value();
    assertThat(call("find", "{\"pattern\": \"red\", \"cursor\": 0}").value())
        .contains("【0†match at L4】");
    assertThat(call("open", "{\"id\": 0, \"loc\": 0}").value())
        .isEqualTo(results.replace("[0] apples", "[2] apples"));
    assertThat(call("open", "{\"id\": 0, \"cursor\": 1}").value())
        .startsWith("[3] apples\n**viewing lines [4 - 4] of 4**");
    assertThat(call("open", "{\"id\": 0}").value()).startsWith("[4] Apples (https://");
  }

  @Test
  void aViewEndsWithTheLineInWhichItsTokensEnd() throws Exception {
    String first = call("open", "{\"id\": \"https://long.example/\"}").value();
    List<String> lines = first.lines().toList();
    int last = lines.size() - 4;
    assertThat(lines.get(1)).isEqualTo("**viewing lines [0 - " + last + "] of 2001**");
    assertThat(lines.get(lines.size() - 1)).isEqualTo("L" + last + ": line number " + (last - 2));
    // A line has about 7 tokens.
    assertThat(last).isBetween(100, 200);
    assertThat(call("open", "{\"loc\": 1990}").value()).contains("[1990 - 2001] of 2001");
  }

  @Test
  void readsNoMoreOfAPageThanAViewCanShow() {
    List<String> lines =
        new AbstractList<>() {
          @Override
          public String get(int i) {
            assertThat(i).isLessThan(10_000);
            return "line";
          }

          @Override
          public int size() {
            return 1_000_000_000;
          }
        };
    PageView page = new PageView("u", "t", lines, List.of(), null, null);
    assertThat(BrowserTool.endOfView(page, 5000)).isBetween(5100, 5400);
  }

  @Test
  void makesItsIndexBeforeTheFirstCallWhereItSearchesByRank() {
    for (boolean isRanked : new boolean[] {true, false}) {
      Pages pages = new Pages(List.of(APPLES));
      BrowserTool opened =
          new BrowserTool(new BrowserSpec("pages", "url", "title", "text", isRanked), pages);
      assertThat(pages.hasIndex()).isEqualTo(isRanked);
      assertThat(opened.batchCalls()).isEqualTo(1);
    }
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    assertThat(call("open", "{}").error()).isEqualTo("no page is open yet: search first");
    assertThat(call("search", "{}").error()).isEqualTo("argument 'query' is missing: give a text");
    call("search", "{\"query\": \"pears\", \"topn\": 1}");
    assertThat(call("open", "{\"id\": 7}").error())
        .isEqualTo("there is no link 7 here: the links are 0 to 0");
    assertThat(call("open", "{\"id\": 0, \"cursor\": 3}").error())
        .isEqualTo("there is no cursor 3: the cursors are 0 to 0");
    assertThat(call("open", "{\"id\": \"http://nowhere\"}").error())
        .startsWith("there is no page 'http://nowhere'");
    assertThat(call("open", "{\"id\": 0, \"loc\": 99}").error())
        .isEqualTo("there is no line 99: the last line of the page is 3");
    assertThat(call("open", "{\"id\": 0, \"loc\": 1.5}").error())
        .isEqualTo("argument 'loc' must be a whole number");
    // What failed has no cursor.
    assertThat(call("open", "{\"id\": 0}").value()).startsWith("[1] ");
    call("find", "{\"pattern\": \"pears\"}");
    assertThat(call("find", "{\"pattern\": \"pears\"}").error())
        .startsWith("these are the results of a find");
  }

  /** Others' calls, and calls of other tools, are not in a row's history. */
  @Test
  void historyIsARowsOwn() throws Exception {
    made.add(Calls.of("python", "1"));
    assertThat(call("search", "{\"query\": \"pears\"}").value()).startsWith("[0] ");
    made.clear();
    assertThat(call("search", "{\"query\": \"pears\"}").value()).startsWith("[0] ");
  }

  @Test
  void findsPagesThatContainTheQueryWhereThatIsAsked() throws Exception {
    assertThat(Calls.run(tool("like"), "browser.search", "{\"query\": \"not APPLES\"}").value())
        .contains("【0†Apples†fruit.example】")
        .doesNotContain("【1†");
    assertThat(Calls.run(tool("like"), "browser.search", "{\"query\": \"apples not\"}").value())
        .endsWith("No results");
  }
}
