package io.github.gptoss.spark.internal.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.completions.CompletionRows;
import io.github.gptoss.spark.internal.completions.RowShare;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.Field;

class SegmentCodecTest {
  @AfterProperty
  void holdsNothing() {
    assertThat(ArrowMemory.allocatedBytes()).isZero();
  }

  private static void assertDamaged(byte[] file, String... reason) {
    assertThatExceptionOfType(JournalErrors.DamagedSegmentException.class)
        .isThrownBy(() -> SegmentCodec.decode(file))
        .satisfies(e -> assertThat(e.getMessage()).containsAnyOf(reason).doesNotContain("\n"));
  }

  /** Rows of several blocks, each read with the others and by itself. */
  @Property(tries = 200)
  void readsBackEveryFieldOfEveryEntry(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 200) int rows) throws Exception {
    List<Entries.Entry> entries = Entries.of(seed, rows);
    byte[] file = Entries.encoded(entries);
    int row = 0;
    for (SegmentCodec.Block block : SegmentCodec.decode(file)) {
      SegmentCodec.BlockRange range = block.range();
      try (block;
          Segment alone = SegmentCodec.decode(file, (int) range.offset(), range)) {
        assertReads(block.segment(), entries, row);
        assertReads(alone, entries, row);
        row += alone.rows();
      }
    }
    assertThat(row).isEqualTo(rows);
  }

  private static void assertReads(Segment read, List<Entries.Entry> entries, int first) {
    for (int i = 0; i < read.rows(); i++) {
      GenerationResult result = entries.get(first + i).result();
      assertThat(read.key(i)).isEqualTo(entries.get(first + i).key());
      assertThat(read.outputTokens(i)).isEqualTo(result.usage().outputTokens());
      assertThat(CompletionRows.readSample(read.completions(), i))
          .isEqualTo(CompletionRows.expected(result, null, RowShare.NONE));
    }
  }

  @Example
  void noticesEveryByteOfABlockThatChanged() throws Exception {
    byte[] file = Entries.encoded(Entries.of(7, 2));
    SegmentCodec.Block block = SegmentCodec.decode(file).get(0);
    block.close();
    SegmentCodec.BlockRange range = block.range();
    for (int at = 0; at < range.bytes(); at++) {
      byte[] changed = file.clone();
      changed[(int) range.offset() + at] ^= (byte) (1 + at % 255);
      assertThatExceptionOfType(JournalErrors.DamagedSegmentException.class)
          .isThrownBy(() -> SegmentCodec.decode(changed, (int) range.offset(), range));
    }
  }

  /** A segment whose writing failed takes more rows, and is written again. */
  @Example
  void canBeEncodedAgainWithMoreRows() throws Exception {
    List<Entries.Entry> entries = Entries.of(3, 30);
    try (Segment segment = new Segment()) {
      for (Entries.Entry entry : entries) {
        segment.append(entry.key(), entry.result());
        SegmentCodec.encode(segment);
      }
      assertThat(SegmentCodec.encode(segment)).isEqualTo(Entries.encoded(entries));
    }
  }

  @Example
  void noticesWhereverItWasCutShort() throws Exception {
    byte[] whole = Entries.encoded(Entries.of(5, 3));
    for (int length = 0; length < whole.length; length++) {
      assertDamaged(Arrays.copyOf(whole, length), "torn");
    }
  }

  @Example
  void noticesEveryByteThatChanged() throws Exception {
    byte[] whole = Entries.encoded(Entries.of(7, 2));
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= (byte) (1 + at % 255);
      assertDamaged(changed, "torn", "corrupt", "begins otherwise");
    }
  }

  @Property(tries = 200)
  void noticesRunsOfZerosAndLostPieces(
      @ForAll @IntRange(max = 100_000) int from, @ForAll @IntRange(min = 1, max = 4096) int length)
      throws Exception {
    byte[] whole = Entries.encoded(Entries.of(11, 20));
    int begin = from % whole.length;
    int end = Math.min(whole.length, begin + length);
    byte[] zeroed = whole.clone();
    Arrays.fill(zeroed, begin, end, (byte) 0);
    if (!Arrays.equals(zeroed, whole)) {
      assertDamaged(zeroed, "torn", "corrupt", "begins otherwise");
    }
    byte[] lost = Arrays.copyOf(whole, whole.length - (end - begin));
    System.arraycopy(whole, end, lost, begin, whole.length - end);
    assertDamaged(lost, "torn", "corrupt", "begins otherwise");
  }

  /** A segment with other fields is not read: what earlier runs kept would be lost. */
  @Example
  void theFieldsAreThoseOfOneGeneration() {
    assertThat(Segment.SCHEMA.findField("completion").getChildren())
        .extracting(Field::getName)
        .containsExactly(
            "response",
            "reasoning",
            "tool_calls",
            "parsed",
            "finish_reason",
            "usage",
            "error_code",
            "error_message",
            "salvaged",
            "commentary",
            "confidence",
            "choice_probabilities",
            "reasoning_effort",
            "tool_rounds",
            "prompt_tokens",
            "completion_tokens");
  }

  @Example
  void refusesOtherFiles() throws Exception {
    assertDamaged(SegmentFrame.wrap("no Arrow".getBytes()), "of this version");
    assertDamaged(SegmentFrame.wrap(oneColumn()), "other columns");
    assertDamaged("PAR1 and so on, at some length".getBytes(), "begins otherwise");
  }

  /** What another version may have written. */
  private static byte[] oneColumn() throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (BufferAllocator memory = ArrowMemory.newChild("test");
        IntVector column = new IntVector("input_tokens", memory);
        VectorSchemaRoot root = VectorSchemaRoot.of(column);
        ArrowStreamWriter writer = new ArrowStreamWriter(root, null, content)) {
      column.setSafe(0, 7);
      root.setRowCount(1);
      writer.writeBatch();
      writer.end();
    }
    return content.toByteArray();
  }
}
