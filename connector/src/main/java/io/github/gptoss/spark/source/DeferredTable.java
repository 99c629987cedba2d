package io.github.gptoss.spark.source;

import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * A table whose columns the caller says: a reader with a schema, or a writer, who is refused later
 * and whose path need not exist. Opened when it is read.
 */
record DeferredTable(StructType known, Map<String, String> options) implements SupportsRead {
  @Override
  public String name() {
    return "gptoss";
  }

  /** Spark 4.0 knows no other way to say what columns there are. */
  @Override
  @Deprecated
  public StructType schema() {
    return known;
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(TableCapability.BATCH_READ);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap more) {
    CompletionTable table = CompletionTable.open(SparkSession.active(), SourceOptions.of(options));
    if (!table.completion().schema().equals(known)) {
      throw SourceErrors.otherColumns(table.completion().schema());
    }
    return new CompletionScanBuilder(table);
  }
}
