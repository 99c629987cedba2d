package io.github.gptoss.spark.internal.tools;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The pages of the browser's table, and finding them. Thread-safe. */
final class Pages implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * The usual parameters of BM25: Robertson and Zaragoza, The Probabilistic Relevance Framework,
   * section 3.5, and Lucene's defaults.
   */
  private static final double K1 = 1.2;

  private static final double B = 0.75;

  /** In the order of their urls, so that ties are settled the same way on all executors. */
  private final ArrayList<Page> pages;

  /** Made when a tool opens or a search needs it, on the executor; its tasks share it. */
  private transient Index index;

  /**
   * How often each word is where.
   *
   * @param places by word, pairs of a page's number and how often it has the word
   * @param lengths words of each page
   */
  private record Index(Map<String, List<int[]>> places, int[] lengths, double meanLength) {}

  Pages(Collection<Page> pages) {
    this.pages = new ArrayList<>(pages);
    this.pages.sort(Comparator.comparing(Page::url));
  }

  /** The page of this url; null if there is none. */
  Page at(String url) {
    int low = 0;
    int high = pages.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = pages.get(middle).url().compareTo(url);
      if (order == 0) {
        return pages.get(middle);
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return null;
  }

  /** Pages that have the query in title or text, in any case, in the order of their urls. */
  List<Page> containing(String query, int most) {
    String wanted = query.toLowerCase(Locale.ROOT).strip();
    return pages.stream()
        .filter(page -> has(page.title(), wanted) || has(page.text(), wanted))
        .limit(most)
        .toList();
  }

  private static boolean has(String text, String wanted) {
    return text.toLowerCase(Locale.ROOT).contains(wanted);
  }

  /**
   * Pages that have any word of the query in title or text, the best first. A page's score is the
   * sum, over the query's words, of idf * f * (k1 + 1) / (f + k1 * (1 - b + b * length / mean)),
   * with idf = ln(1 + (N - n + 0.5) / (n + 0.5)) for a word that is in n of N pages, f times in
   * this.
   */
  List<Page> ranked(String query, int most) {
    Index words = index();
    Map<Integer, Double> scores = new HashMap<>();
    for (String word : new LinkedHashSet<>(Words.of(query))) {
      List<int[]> places = words.places().getOrDefault(word, List.of());
      double idf = Math.log(1 + (pages.size() - places.size() + 0.5) / (places.size() + 0.5));
      for (int[] place : places) {
        double length = words.lengths()[place[0]] / words.meanLength();
        double score = idf * place[1] * (K1 + 1) / (place[1] + K1 * (1 - B + B * length));
        scores.merge(place[0], score, Double::sum);
      }
    }
    return scores.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<Integer, Double>>comparingDouble(e -> -e.getValue())
                .thenComparing(Map.Entry::getKey))
        .limit(most)
        .map(e -> pages.get(e.getKey()))
        .toList();
  }

  /** Makes what {@link #ranked} looks words up in, unless it is there: not in a call's time. */
  void makeIndex() {
    var unused = index();
  }

  synchronized boolean hasIndex() {
    return index != null;
  }

  private synchronized Index index() {
    if (index == null) {
      Map<String, List<int[]>> places = new HashMap<>();
      int[] lengths = new int[pages.size()];
      long all = 0;
      for (int i = 0; i < pages.size(); i++) {
        for (String word : Words.of(pages.get(i).title() + "\n" + pages.get(i).text())) {
          List<int[]> of = places.computeIfAbsent(word, w -> new ArrayList<>());
          if (of.isEmpty() || of.get(of.size() - 1)[0] != i) {
            of.add(new int[] {i, 0});
          }
          of.get(of.size() - 1)[1]++;
          lengths[i]++;
        }
        all += lengths[i];
      }
      index = new Index(places, lengths, Math.max(1, all) / (double) Math.max(1, pages.size()));
    }
    return index;
  }
}
