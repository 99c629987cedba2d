package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.spark.internal.prompts.PromptRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * An internal row on its way through the engine.
 *
 * @param kept the columns that go on; the row's own memory, not Spark's reused buffer
 * @param prompt what the row asks; null where it asks nothing and its completion is null
 */
public record AskingRow(UnsafeRow kept, PromptRow prompt) {}
