package io.github.gptoss.spark.internal.source.openai;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;

/**
 * Numbers of lines in their files, which tasks that begin in the middle of one cannot know.
 *
 * @param linesBefore each part's beginning, as the lines of its file before it
 */
record LineNumbers(Map<PositionedLines.Position, Long> linesBefore) implements Serializable {
  /** Where the query does not read them. */
  static final LineNumbers NONE = new LineNumbers(Map.of());

  /** Reads all lines once. */
  static LineNumbers count(JavaRDD<Row> lines) {
    Map<PositionedLines.Position, Long> counts = new TreeMap<>();
    lines
        .mapPartitions(
            rows -> {
              List<PositionedLines.Position> ends = new ArrayList<>();
              PositionedLines.Position last = null;
              for (var it = new PositionedLines(rows); it.hasNext(); ) {
                PositionedLines.Position here = it.next().position();
                if (here.index() == 0 && last != null) {
                  ends.add(last);
                }
                last = here;
              }
              if (last != null) {
                ends.add(last);
              }
              return ends.iterator();
            })
        .collect()
        .forEach(end -> counts.put(beginning(end), end.index() + 1));
    Map<PositionedLines.Position, Long> before = new HashMap<>();
    String file = null;
    long sum = 0;
    for (Map.Entry<PositionedLines.Position, Long> part : counts.entrySet()) {
      sum = part.getKey().file().equals(file) ? sum : 0;
      file = part.getKey().file();
      before.put(part.getKey(), sum);
      sum += part.getValue();
    }
    return new LineNumbers(before);
  }

  private static PositionedLines.Position beginning(PositionedLines.Position position) {
    return new PositionedLines.Position(position.file(), position.blockStart(), 0);
  }

  /** From 1. */
  long of(PositionedLines.Position position) {
    return linesBefore.get(beginning(position)) + position.index() + 1;
  }
}
