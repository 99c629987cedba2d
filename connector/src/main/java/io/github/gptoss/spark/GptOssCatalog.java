package io.github.gptoss.spark;

import io.github.gptoss.spark.internal.sql.CatalogFunction;
import io.github.gptoss.spark.internal.sql.rules.LiveSession;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The functions as a catalog's, for what outlives a session: {@code
 * spark.sql.catalog.gptoss=io.github.gptoss.spark.GptOssCatalog} makes {@code gptoss.generate},
 * {@code gptoss.chat}, {@code gptoss.text} and the task functions ({@code gptoss.classify})
 * callable in persistent views. Their options are the fields of a struct: {@code gptoss.text(body,
 * named_struct('max_tokens', 200))}.
 */
public final class GptOssCatalog implements FunctionCatalog {
  private String name;

  @Override
  public void initialize(String catalogName, CaseInsensitiveStringMap options) {
    name = catalogName;
    // A catalog can be set in a running session, which would then call its functions row by row.
    LiveSession.install(SparkSession.active());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Identifier[] listFunctions(String[] namespace) {
    return namespace.length > 0
        ? new Identifier[0]
        : CatalogFunction.names().stream()
            .map(function -> Identifier.of(new String[0], function))
            .toArray(Identifier[]::new);
  }

  @Override
  public UnboundFunction loadFunction(Identifier function) throws NoSuchFunctionException {
    if (function.namespace().length > 0) {
      throw new NoSuchFunctionException(function);
    }
    return CatalogFunction.find(function.name())
        .orElseThrow(() -> new NoSuchFunctionException(function));
  }
}
