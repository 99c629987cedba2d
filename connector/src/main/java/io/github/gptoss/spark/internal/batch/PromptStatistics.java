package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import io.github.gptoss.spark.internal.engine.Work;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.HarmonyPromptRenderer;
import io.github.gptoss.spark.internal.prompts.Overflow;
import io.github.gptoss.spark.internal.prompts.PromptRenderer;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.prompts.RequestRows;
import io.github.gptoss.spark.internal.prompts.RowParameters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntConsumer;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** Renders prompts and says how long they are and what they share, without generating. */
public final class PromptStatistics implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  /** Tokens of a block of keys and values, which rows share whole or not at all. */
  private static final int BLOCK_TOKENS = 32;

  private static final long HASH_STEP = 0x9E3779B97F4A7C15L;

  /**
   * {@code tokens} of the rendered prompt, 0 where it cannot be rendered; {@code error_code} that
   * the row would get; {@code prompt_hash}, null where there is no prompt; {@code block_hashes},
   * one a whole block, of all tokens up to its end.
   */
  public static final StructType SCHEMA =
      new StructType()
          .add("tokens", DataTypes.IntegerType)
          .add("error_code", DataTypes.StringType)
          .add("prompt_hash", DataTypes.LongType)
          .add("block_hashes", DataTypes.createArrayType(DataTypes.LongType, false));

  private final OptionValues options;
  private final boolean isMessages;

  public PromptStatistics(OptionValues options, boolean isMessages) {
    this.options = options;
    this.isMessages = isMessages;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return Collections.emptyIterator();
    }
    int context;
    try (EngineRegistry.Lease lease = EngineRegistry.shared().acquire(options, Work.current())) {
      context = lease.engine().info().maxModelLen();
    }
    RowParameters parameters = new RowParameters(options, HarmonyPromptRenderer::new);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Row next() {
        PromptRow asked = RequestRows.promptRow(rows.next().getStruct(0), isMessages);
        return measured(asked, parameters, context);
      }
    };
  }

  private static Row measured(PromptRow row, RowParameters parameters, int context) {
    try {
      PromptRow asked = row.orRefusal();
      PromptHash prompt = new PromptHash();
      PromptRenderer renderer = parameters.renderer(asked);
      renderer.render(asked, prompt);
      boolean isTooLong = prompt.tokens >= context && renderer.overflow() == Overflow.ERROR;
      String error = isTooLong ? "context_length_exceeded" : null;
      return RowFactory.create(
          prompt.tokens, error, prompt.hash, CollectionConverters.asScala(prompt.blocks).toSeq());
    } catch (InvalidRequestException e) {
      return RowFactory.create(
          0, e.code(), null, CollectionConverters.asScala(List.<Long>of()).toSeq());
    }
  }

  /** Takes a prompt's ids one by one. */
  private static final class PromptHash implements IntConsumer {
    final List<Long> blocks = new ArrayList<>();
    int tokens;
    long hash;

    @Override
    public void accept(int id) {
      hash = Long.rotateLeft((hash + id + 1) * HASH_STEP, 31);
      tokens++;
      if (tokens % BLOCK_TOKENS == 0) {
        blocks.add(hash);
      }
    }
  }
}
