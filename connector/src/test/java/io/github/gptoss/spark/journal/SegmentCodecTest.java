package io.github.gptoss.spark.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.spark.arrow.ArrowMemory;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;

class SegmentCodecTest {
  @AfterProperty
  void holdsNothing() {
    assertThat(ArrowMemory.allocatedBytes()).isZero();
  }

  private static void assertDamaged(byte[] file, String... reason) {
    assertThatExceptionOfType(DamagedSegmentException.class)
        .isThrownBy(() -> SegmentCodec.decode(file))
        .satisfies(e -> assertThat(e.getMessage()).containsAnyOf(reason).doesNotContain("\n"));
  }

  @Property(tries = 200)
  void readsBackEveryFieldOfEveryEntry(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 40) int rows) throws Exception {
    List<JournalEntry> entries = Entries.of(seed, rows);
    List<JournalEntry> read = SegmentCodec.decode(SegmentCodec.encode(entries));
    assertThat(read).hasSize(rows);
    for (int i = 0; i < rows; i++) {
      assertThat(read.get(i).key()).isEqualTo(entries.get(i).key());
      Entries.assertSame(read.get(i).result(), entries.get(i).result());
    }
  }

  @Example
  void noticesWhereverItWasCutShort() throws Exception {
    byte[] whole = SegmentCodec.encode(Entries.of(5, 3));
    for (int length = 0; length < whole.length; length++) {
      assertDamaged(Arrays.copyOf(whole, length), "torn");
    }
  }

  @Example
  void noticesEveryByteThatChanged() throws Exception {
    byte[] whole = SegmentCodec.encode(Entries.of(7, 2));
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
    byte[] whole = SegmentCodec.encode(Entries.of(11, 20));
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

  @Example
  void refusesOtherFiles() {
    assertDamaged(SegmentFrame.wrap("no Arrow".getBytes()), "of this version");
    assertDamaged("PAR1 and so on, at some length".getBytes(), "begins otherwise");
  }
}
