package io.github.gptoss.spark.internal.job;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.ResolvedIdentifier;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.connector.catalog.CatalogPlugin;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.StagingTableCatalog;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.internal.SessionState;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A table that is yet to be made, by its name. */
final class NewTable {
  /** Catalogs that make Delta tables, some of which keep what is staged in a service. */
  private static final List<String> DELTA_CATALOGS =
      List.of("org.apache.spark.sql.delta.", "io.unitycatalog.", "com.databricks.");

  private static final StructType ANY_COLUMNS =
      new StructType().add("completion", DataTypes.StringType);

  private NewTable() {}

  /**
   * Checks that the table's catalog makes Delta tables, where it can be asked without making one:
   * such a table is staged as the job's first commit stages it, and given up.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if it does not
   */
  static void check(SparkSession spark, JobSpec.Output output) {
    LogicalPlan creation = creation(spark, output.quotedTable());
    if (!creation.children().isEmpty()
        && creation.children().head() instanceof ResolvedIdentifier table
        && table.catalog() instanceof StagingTableCatalog catalog
        && !isOfDelta(catalog)) {
      try {
        stage(catalog, table.identifier());
      } catch (Exception e) {
        throw JobErrors.catalogNotDelta(output, e);
      }
    }
  }

  /** Spark's analyzer knows which catalog and schema a name is in. */
  private static LogicalPlan creation(SparkSession spark, String table) {
    SessionState session = ((org.apache.spark.sql.classic.SparkSession) spark).sessionState();
    String statement =
        "CREATE TABLE %s (%s) USING %s".formatted(table, ANY_COLUMNS.toDDL(), JobSpec.DELTA);
    try {
      return session.analyzer().execute(session.sqlParser().parsePlan(statement));
    } catch (ParseException e) {
      throw new IllegalStateException("a quoted name is one that Spark reads: " + statement, e);
    }
  }

  private static boolean isOfDelta(CatalogPlugin catalog) {
    return DELTA_CATALOGS.stream().anyMatch(catalog.getClass().getName()::startsWith);
  }

  private static void stage(StagingTableCatalog catalog, Identifier table) throws Exception {
    catalog
        .stageCreate(
            table, ANY_COLUMNS, new Transform[0], Map.of(TableCatalog.PROP_PROVIDER, JobSpec.DELTA))
        .abortStagedChanges();
  }
}
