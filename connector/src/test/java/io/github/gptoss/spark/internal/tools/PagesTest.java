package io.github.gptoss.spark.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PagesTest {
  private static List<String> urls(List<Page> pages) {
    return pages.stream().map(Page::url).toList();
  }

  @Test
  void findsWordsInAnyCaseOfAnyScript() {
    assertThat(Words.of("Größe: 3,5-mal; 東京都 ДОМ"))
        .containsExactly("größe", "3", "5", "mal", "東", "京", "都", "дом");
    Pages pages =
        new Pages(
            List.of(
                new Page("a", "Träume", "nichts"),
                new Page("b", "x", "von TRÄUME und 東京"),
                new Page("c", "y", "z")));
    assertThat(urls(pages.ranked("träume", 9))).containsExactlyInAnyOrder("a", "b");
    assertThat(urls(pages.ranked("京", 9))).containsExactly("b");
    assertThat(urls(pages.ranked("?!", 9))).isEmpty();
    assertThat(urls(pages.containing("VON träume", 9))).containsExactly("b");
    assertThat(urls(pages.containing("träume", 1))).containsExactly("a");
  }

  @Test
  void knowsPagesByTheirUrls() {
    Random random = new Random(5);
    List<Page> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(new Page("u" + random.nextInt(1_000_000), "t" + i, ""));
    }
    Pages pages = new Pages(all);
    for (Page page : all) {
      assertThat(pages.at(page.url()).url()).isEqualTo(page.url());
    }
    assertThat(pages.at("u")).isNull();
    assertThat(pages.at("v")).isNull();
  }

  /** The formula, spelled out over all pages, against what goes through the index. */
  @Test
  void ranksByTheFormulaWhateverTheOrderOfThePages() {
    long seed = 41;
    Random random = new Random(seed);
    String[] words = {"ant", "bee", "cat", "dog", "elk", "fox"};
    for (int round = 0; round < 50; round++) {
      List<Page> pages = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(12); i++) {
        List<String> text =
            random.ints(random.nextInt(20), 0, words.length).mapToObj(w -> words[w]).toList();
        pages.add(new Page("u" + (char) ('a' + i), "", String.join(" ", text)));
      }
      List<String> query =
          random.ints(1 + random.nextInt(4), 0, words.length).mapToObj(w -> words[w]).toList();
      List<String> expected =
          IntStream.range(0, pages.size())
              .boxed()
              .filter(i -> score(pages, i, query) > 0)
              .sorted(Comparator.comparingDouble(i -> -score(pages, i, query)))
              .map(i -> pages.get(i).url())
              .toList();
      List<Page> shuffled = new ArrayList<>(pages);
      java.util.Collections.shuffle(shuffled, random);
      assertThat(urls(new Pages(shuffled).ranked(String.join(" ", query), 99)))
          .as("seed %d, round %d: %s in %s", seed, round, query, pages)
          .isEqualTo(expected);
    }
  }

  private static double score(List<Page> pages, int page, List<String> query) {
    double all = pages.stream().mapToInt(p -> words(p).size()).sum();
    double mean = Math.max(1, all) / pages.size();
    double score = 0;
    for (String word : query.stream().distinct().toList()) {
      long with = pages.stream().filter(p -> words(p).contains(word)).count();
      long often = words(pages.get(page)).stream().filter(word::equals).count();
      double idf = Math.log(1 + (pages.size() - with + 0.5) / (with + 0.5));
      double length = words(pages.get(page)).size() / mean;
      score += often == 0 ? 0 : idf * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * length));
    }
    return score;
  }

  private static List<String> words(Page page) {
    return page.text().isEmpty() ? List.of() : List.of(page.text().split(" "));
  }
}
