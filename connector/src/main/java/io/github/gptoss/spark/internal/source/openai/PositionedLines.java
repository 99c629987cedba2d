package io.github.gptoss.spark.internal.source.openai;

import java.util.Iterator;
import org.apache.spark.sql.Row;

/** A partition's lines, each with its position; a partition has parts of several files. */
final class PositionedLines implements Iterator<PositionedLines.Line> {
  /**
   * @param valid whether its bytes are UTF-8
   */
  record Line(String text, boolean valid, LinePosition position) {}

  private final Iterator<Row> rows;
  private LinePosition last;

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
    last = new LinePosition(file, blockStart, goesOn ? last.index() + 1 : 0);
    return new Line(row.getString(0), row.getBoolean(1), last);
  }
}
