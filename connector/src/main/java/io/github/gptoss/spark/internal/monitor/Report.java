package io.github.gptoss.spark.internal.monitor;

import java.util.List;

/**
 * What a page says, whatever it is written in. Holds no text of prompts or completions, and no
 * secrets: who makes it has taken them out.
 *
 * @param about what it is a report of, in a line
 * @param rows of blocks: those of one row stand beside each other where the page is wide enough
 */
public record Report(String title, String about, List<Tile> tiles, List<List<Block>> rows) {
  /** A figure that is seen first. */
  public record Tile(String number, String name) {}

  /** A part of the page. */
  public sealed interface Block permits Table, Figure {}

  /**
   * A chart under its title.
   *
   * @param chart null where there is nothing to draw, and the figure is left out
   */
  public record Figure(String title, Chart chart) implements Block {}

  public Report {
    tiles = List.copyOf(tiles);
    rows = rows.stream().map(List::copyOf).toList();
  }
}
