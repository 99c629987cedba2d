package io.github.gptoss.spark.internal.source.openai;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.jdk.javaapi.CollectionConverters;

/** Makes a partition's lines rows; blank ones are none. */
final class LineReader implements FlatMapFunction<Iterator<Row>, Row> {
  private static final long serialVersionUID = 1L;

  private final List<String> columns;
  private final LineNumbers numbers;
  private final Duplicates duplicates;

  LineReader(List<String> columns, LineNumbers numbers, Duplicates duplicates) {
    this.columns = columns;
    this.numbers = numbers;
    this.duplicates = duplicates;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    PositionedLines lines = new PositionedLines(rows);
    return new Iterator<>() {
      private PositionedLines.Line next;

      @Override
      public boolean hasNext() {
        while ((next == null || next.text().isBlank()) && lines.hasNext()) {
          next = lines.next();
        }
        return next != null && !next.text().isBlank();
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        PositionedLines.Line line = next;
        next = null;
        return row(line);
      }
    };
  }

  private Row row(PositionedLines.Line line) {
    if (columns.isEmpty()) {
      return RowFactory.create();
    }
    RequestLine read = RequestLine.read(line.text(), line.valid(), duplicates.isFirst(line));
    return RowFactory.create(columns.stream().map(column -> value(column, line, read)).toArray());
  }

  private Object value(String column, PositionedLines.Line line, RequestLine read) {
    return switch (column) {
      case BatchRelation.CUSTOM_ID -> read.customId();
      case BatchRelation.METHOD -> read.method();
      case BatchRelation.URL -> read.url();
      case BatchRelation.MODEL -> read.model();
      case BatchRelation.BODY -> read.body();
      case BatchRelation.LINE -> numbers.of(line.position());
      case BatchRelation.REQUEST -> request(read);
      default -> throw new IllegalArgumentException(column);
    };
  }

  private static Row request(RequestLine read) {
    return RowFactory.create(
        read.messages(),
        CollectionConverters.asScala(read.parameters()),
        read.error() == null ? null : read.error().code(),
        read.error() == null ? null : read.error().getMessage());
  }
}
