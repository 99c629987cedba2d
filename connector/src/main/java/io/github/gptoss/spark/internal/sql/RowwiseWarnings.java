package io.github.gptoss.spark.internal.sql;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once for each reason in a JVM that calls are not batched. */
public final class RowwiseWarnings {
  private static final Logger LOG = LoggerFactory.getLogger(RowwiseWarnings.class);

  static final String UNSEEN =
      "nothing has moved the call into an operator that batches (set"
          + " spark.sql.extensions=io.github.gptoss.spark.GptOssExtensions or call"
          + " GptOss.install(spark))";
  static final String UNPLANNED =
      "the session has the rules of GptOssExtensions and not its strategy (set"
          + " spark.sql.extensions=io.github.gptoss.spark.GptOssExtensions, or call"
          + " GptOss.install(spark))";
  public static final String JOIN_CONDITION =
      "a call in the condition of a join, or in another operator of several inputs, has no input of"
          + " its own to batch (compute it in a subquery of one side)";
  public static final String FILE_NAME =
      "the plan asks for input_file_name(), which reading ahead would get wrong (Delta's DELETE and"
          + " UPDATE do; complete into a table first)";
  public static final String LAMBDA = "a call is in a lambda function (explode the array instead)";
  private static final Set<String> GIVEN = ConcurrentHashMap.newKeySet();

  private RowwiseWarnings() {}

  /** Reasons that were given so far. */
  static Set<String> given() {
    return GIVEN;
  }

  public static void warnOnce(String reason) {
    if (GIVEN.add(reason)) {
      LOG.warn("gpt-oss functions complete row by row, which is slow: {}", reason);
    }
  }
}
