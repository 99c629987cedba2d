package io.github.gptoss.spark.internal.source.openai;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * The custom_ids that occur more than once, which no task can know by itself.
 *
 * @param first where each of them is first
 */
record Duplicates(Map<String, PositionedLines.Position> first) implements Serializable {
  /** Where the query does not read the requests. */
  static final Duplicates NONE = new Duplicates(Map.of());

  /** A place, and whether there are others. */
  private record Seen(PositionedLines.Position first, boolean again) implements Serializable {
    Seen and(Seen other) {
      return new Seen(first.compareTo(other.first) <= 0 ? first : other.first, true);
    }
  }

  /** Reads all lines once. */
  static Duplicates find(JavaRDD<Row> lines) {
    Map<String, Seen> seen =
        lines
            .mapPartitions(PositionedLines::new)
            .filter(PositionedLines.Line::valid)
            .mapToPair(Duplicates::seen)
            .filter(id -> id._1() != null)
            .reduceByKey(Seen::and)
            .filter(id -> id._2().again())
            .collectAsMap();
    Map<String, PositionedLines.Position> first = new HashMap<>();
    seen.forEach((id, where) -> first.put(id, where.first()));
    return new Duplicates(first);
  }

  private static Tuple2<String, Seen> seen(PositionedLines.Line line) {
    return new Tuple2<>(BatchJson.customId(line.text()), new Seen(line.position(), false));
  }

  /** Whether no line before this one has its custom_id. */
  boolean isFirst(PositionedLines.Line line) {
    if (first.isEmpty() || !line.valid()) {
      return true;
    }
    String id = BatchJson.customId(line.text());
    PositionedLines.Position of = id == null ? null : first.get(id);
    return of == null || of.equals(line.position());
  }
}
