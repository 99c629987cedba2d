package io.github.gptoss.spark.internal.source.openai;

import java.util.List;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.jdk.javaapi.CollectionConverters;

/** Makes a row of a line that is not blank. */
record LineReader(List<String> columns, LineNumbers numbers, Duplicates duplicates)
    implements Function<PositionedLines.Line, Row> {
  @Override
  public Row call(PositionedLines.Line line) {
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
