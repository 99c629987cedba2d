package io.github.gptoss.spark.internal.source.openai;

import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.types.StructType;

/** What was written; Spark wants to see its columns. */
final class WrittenRelation extends BaseRelation {
  private final SQLContext context;
  private final StructType schema;

  WrittenRelation(SQLContext context, StructType schema) {
    this.context = context;
    this.schema = schema;
  }

  @Override
  public SQLContext sqlContext() {
    return context;
  }

  @Override
  public StructType schema() {
    return schema;
  }
}
