package io.github.gptoss.spark.internal.engine;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.SQLExecution;

/**
 * A query whose rows the driver computes itself, outside any task, as the optimizer does with
 * tables of literals.
 */
final class QueryWork implements Work {
  /** What a query works under; ids of queries are unique in a driver. */
  record Query(String executionId) {}

  private static final Work ENDLESS = () -> {};

  private final Query query;

  private QueryWork(Query query) {
    this.query = query;
  }

  /** The calling thread's query; without one, a scope without an end. */
  static Work current() {
    if (SparkSession.getActiveSession().isEmpty()) {
      return ENDLESS;
    }
    String id =
        SparkSession.active().sparkContext().getLocalProperty(SQLExecution.EXECUTION_ID_KEY());
    return id == null ? ENDLESS : new QueryWork(new Query(id));
  }

  /** Queries on the driver are not killed but end with their rows. */
  @Override
  public void checkNotKilled() {}

  @Override
  public Object work() {
    return query;
  }

  @Override
  public boolean hasEnded() {
    return SQLExecution.getQueryExecution(Long.parseLong(query.executionId)) == null;
  }
}
