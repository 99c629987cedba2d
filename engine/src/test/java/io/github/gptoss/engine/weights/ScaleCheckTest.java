package io.github.gptoss.engine.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class ScaleCheckTest {
  @Property
  void findsTheFirstScaleThatIsNan(@ForAll("scales") byte[] scales, @ForAll boolean littleEndian) {
    int expected = -1;
    for (int i = scales.length - 1; i >= 0; i--) {
      expected = scales[i] == -1 ? i : expected;
    }
    ByteOrder order = littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    assertThat(ScaleCheck.indexOfNan(ByteBuffer.wrap(scales).order(order))).isEqualTo(expected);
  }

  /** The neighbours of 255 and of the bits that the search works with are the likely mistakes. */
  @Provide
  Arbitrary<byte[]> scales() {
    Arbitrary<Byte> rare =
        Arbitraries.frequencyOf(
            Tuple.of(1, Arbitraries.just((byte) 0xFF)),
            Tuple.of(20, Arbitraries.of((byte) 0xFE, (byte) 0x7F, (byte) 0x80, (byte) 0, (byte) 1)),
            Tuple.of(20, Arbitraries.bytes().filter(b -> b != -1)));
    return rare.array(byte[].class).ofMinSize(0).ofMaxSize(70);
  }
}
