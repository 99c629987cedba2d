package io.github.gptoss.spark.internal.source.openai;

import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import org.apache.spark.sql.Row;

/** A partition's lines, each with its position; a partition has parts of several files. */
final class PositionedLines implements Iterator<PositionedLines.Line> {
  /**
   * Where a line is.
   *
   * @param blockStart byte at which the part of the file begins that one task reads
   * @param index of the line in that part, from 0
   */
  record Position(String file, long blockStart, long index)
      implements Comparable<Position>, Serializable {
    private static final Comparator<Position> ORDER =
        Comparator.comparing(Position::file)
            .thenComparingLong(Position::blockStart)
            .thenComparingLong(Position::index);

    @Override
    public int compareTo(Position other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * @param valid whether its bytes are UTF-8
   */
  record Line(String text, boolean valid, Position position) {}

  private final Iterator<Row> rows;
  private Position last;

  PositionedLines(Iterator<Row> rows) {
    this.rows = rows;
  }

  @Override
  public boolean hasNext() {
    return rows.hasNext();
  }

  @Override
  public Line next() {
    Row row = rows.next();
    String file = row.getString(2);
    long blockStart = row.getLong(3);
    boolean goesOn = last != null && last.blockStart() == blockStart && last.file().equals(file);
    last = new Position(file, blockStart, goesOn ? last.index() + 1 : 0);
    return new Line(row.getString(0), row.getBoolean(1), last);
  }
}
