package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.prompts.ColumnPath;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import scala.jdk.javaapi.CollectionConverters;

/** Names of tables, as SQL statements take them whatever their characters. */
final class TableName {
  private TableName() {}

  /**
   * A name in a catalog.
   *
   * @param argument that gave the name, for the error
   * @throws io.github.gptoss.engine.error.InvalidConfigException if Spark cannot read the name
   */
  static String quoted(String argument, String name) {
    try {
      return CollectionConverters.asJava(CatalystSqlParser$.MODULE$.parseMultipartIdentifier(name))
          .stream()
          .map(ColumnPath::quoted)
          .collect(Collectors.joining("."));
    } catch (Exception e) {
      // Scala declares no exceptions: the compiler does not let the checked one be named.
      if (e instanceof AnalysisException) {
        throw ArgumentErrors.notATable(argument, name, e);
      }
      throw e;
    }
  }

  /** The Delta table in a folder. */
  static String ofPath(String path) {
    return JobSpec.DELTA + "." + ColumnPath.quoted(path);
  }
}
