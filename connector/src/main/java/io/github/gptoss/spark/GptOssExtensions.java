package io.github.gptoss.spark;

import io.github.gptoss.spark.internal.sql.rules.SessionRules;
import org.apache.spark.sql.SparkSessionExtensions;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * SQL's way to the model: {@code spark.sql.extensions=io.github.gptoss.spark.GptOssExtensions}
 * gives a session {@code gptoss_generate}, {@code gptoss_chat} and {@code gptoss_text}, and batches
 * their calls wherever they are in a query. For a session that runs already there is {@link
 * GptOss#install}.
 */
public final class GptOssExtensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    SessionRules.inject(extensions);
    return BoxedUnit.UNIT;
  }
}
