package io.github.gptoss.spark.source;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * A table whose columns somebody else knows already: a catalog, or a writer, who is refused later
 * and whose path need not exist. Opened when it is read.
 */
record DeferredTable(StructType known, Map<String, String> options) implements SupportsRead {
  /** What catalogs say of every table beside its options. */
  private static final Set<String> OF_CATALOGS =
      Set.of(
          TableCatalog.PROP_PROVIDER,
          TableCatalog.PROP_OWNER,
          TableCatalog.PROP_LOCATION,
          TableCatalog.PROP_EXTERNAL,
          TableCatalog.PROP_IS_MANAGED_LOCATION,
          TableCatalog.PROP_COMMENT,
          "collation",
          "table_type");

  /**
   * @param properties a catalog's, which repeat the options behind a prefix
   */
  static DeferredTable of(StructType known, Map<String, String> properties) {
    Map<String, String> options = new LinkedHashMap<>(properties);
    options
        .keySet()
        .removeIf(
            name -> name.startsWith(TableCatalog.OPTION_PREFIX) || OF_CATALOGS.contains(name));
    return new DeferredTable(known, options);
  }

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
