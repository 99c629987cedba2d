package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.sql.FunctionErrors;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * A table that stands for the rows of another one with their completions, until {@link
 * ReplaceCompletionTables} puts their plan in its place.
 *
 * @param name for plans; says nothing of prompts
 * @param schema columns of the rows
 * @param rows the rows; asked for when a query is planned
 */
public record CompletionTable(String name, StructType schema, Supplier<Dataset<Row>> rows)
    implements SupportsRead {

  LogicalPlan plan() {
    return TableCompletion.analyzed(rows.get());
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(TableCapability.BATCH_READ);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    return () -> new Unplanned(schema);
  }

  /** What Spark would run in a session without the rule: it says so. */
  private record Unplanned(StructType readSchema) implements Scan {
    @Override
    public org.apache.spark.sql.connector.read.Batch toBatch() {
      throw SparkFaults.refusal(FunctionErrors.tableOfAnotherSession());
    }
  }
}
