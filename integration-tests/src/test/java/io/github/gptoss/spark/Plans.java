package io.github.gptoss.spark;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import scala.jdk.javaapi.CollectionConverters;

/** What tests read in physical plans. */
final class Plans {
  private Plans() {}

  /** Metrics of the first operator of this name, after the query ran. */
  static Map<String, Long> metrics(Dataset<Row> query, String operator) {
    SparkPlan found = (SparkPlan) plan(query).find(p -> p.nodeName().equals(operator)).get();
    Map<String, Long> figures = new TreeMap<>();
    CollectionConverters.asJava(found.metrics())
        .forEach((name, metric) -> figures.put(name, metric.value()));
    return figures;
  }

  /** Whether the plan that ran, stages included, has an operator of this name. */
  static boolean hasOperator(Dataset<Row> query, String operator) {
    return plan(query).toString().contains(operator);
  }

  private static SparkPlan plan(Dataset<Row> query) {
    SparkPlan plan =
        ((org.apache.spark.sql.classic.Dataset<Row>) query).queryExecution().executedPlan();
    return plan instanceof AdaptiveSparkPlanExec adaptive ? adaptive.executedPlan() : plan;
  }
}
