package io.github.gptoss.engine.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredTensorTest {
  @TempDir Path temp;

  @Test
  void slicesRowsWithoutACopy() throws IOException {
    StoredTensor tensor = tensor("I16", "[4, 3]", shorts(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));

    StoredTensor rows = tensor.slice(1, 3).slice(1, 2);

    assertThat(rows.shape()).containsExactly(1, 3);
    assertThat(rows.bytes()).isEqualTo(6);
    assertThat(rows.name()).isEqualTo("t[1:3][1:2]");
    ByteBuffer data = rows.map();
    assertThat(new short[] {data.getShort(), data.getShort(), data.getShort()})
        .containsExactly((short) 6, (short) 7, (short) 8);
    assertThat(tensor.slice(4, 4).bytes()).isZero();
    assertThatThrownBy(() -> tensor.slice(1, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tensor.slice(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void mapsAndReadsPartsWithinTheTensor() throws IOException {
    StoredTensor tensor = tensor("U8", "[5]", new byte[] {10, 11, 12, 13, 14});

    assertThat(tensor.map(1, 3).get(2)).isEqualTo((byte) 13);
    assertThatThrownBy(() -> tensor.map(3, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    ByteBuffer target = ByteBuffer.allocate(4);
    assertThat(tensor.read(target, 3)).isEqualTo(2);
    assertThat(target.position()).isEqualTo(2);
    assertThat(target.array()).containsExactly(13, 14, 0, 0);
  }

  @Test
  void mappingsAreReadOnlyAndLittleEndian() throws IOException {
    ByteBuffer mapped = tensor("U8", "[5]", new byte[] {10, 11, 12, 13, 14}).map(1, 3);

    assertThat(mapped.isReadOnly()).isTrue();
    assertThat(mapped.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void shapeCannotBeChangedFromOutside() throws IOException {
    StoredTensor tensor = tensor("U8", "[5]", new byte[5]);
    tensor.shape()[0] = 7;
    assertThat(tensor.dim(0)).isEqualTo(5);
  }

  @Test
  void readsScalarsAndTensorsOfNothing() throws IOException {
    StoredTensor scalar = tensor("BF16", "[]", shorts(0x3F80));
    assertThat(scalar.rank()).isZero();
    assertThat(scalar.toFloats()).containsExactly(1f);
    assertThatThrownBy(() -> scalar.slice(0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(tensor("F32", "[0, 7]", new byte[0]).toFloats()).isEmpty();
  }

  @Test
  void convertsEveryBfloat16() throws IOException {
    StoredTensor tensor = tensor("BF16", "[65536]", everyShort());
    float[] values = tensor.toFloats();
    for (int bits = 0; bits < 1 << 16; bits++) {
      assertThat(values[bits]).isEqualTo((Float) (float) ieee(bits, 8, 7));
    }
  }

  @Test
  void convertsEveryFloat16() throws IOException {
    StoredTensor tensor = tensor("F16", "[256, 256]", everyShort());
    float[] values = tensor.toFloats();
    for (int bits = 0; bits < 1 << 16; bits++) {
      assertThat(values[bits]).isEqualTo((Float) (float) ieee(bits, 5, 10));
    }
  }

  @Test
  void keepsFloat32() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    data.putFloat(1.1f).putFloat(-0f).putFloat(Float.MIN_VALUE);
    assertThat(tensor("F32", "[3]", data.array()).toFloats())
        .containsExactly(1.1f, -0f, Float.MIN_VALUE);
  }

  @Test
  void refusesToConvertIntegers() throws IOException {
    StoredTensor tensor = tensor("U8", "[2]", new byte[2]);
    assertThatThrownBy(tensor::toFloats).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void mapsPartsOfTensorsBeyondTwoGib() throws IOException {
    long bytes = 3L << 30;
    Path file = temp.resolve("large.safetensors");
    String header =
        "{\"t\":{\"dtype\":\"U8\",\"shape\":[3,1073741824],\"data_offsets\":[0," + bytes + "]}}";
    long dataFrom = 8L + header.length();
    // Sparse: takes no room on disk.
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.write(start(header));
      sparse.setLength(dataFrom + bytes);
      sparse.seek(dataFrom + bytes - 1);
      sparse.write(77);
    }
    try (SafetensorsFile opened = SafetensorsFile.read(file)) {
      StoredTensor tensor = opened.tensors().get(0);
      assertThatThrownBy(() -> tensor.map())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("3221225472 bytes do not fit one mapping");
      assertThat(tensor.map(bytes - 1, 1).get(0)).isEqualTo((byte) 77);
      assertThat(tensor.slice(2, 3).map().get(Integer.MAX_VALUE / 2)).isEqualTo((byte) 77);
    }
  }

  /** A binary floating point number by its definition. */
  private static double ieee(int bits, int exponentBits, int mantissaBits) {
    double sign = bits >> 15 == 0 ? 1 : -1;
    int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
    int mantissa = bits & ((1 << mantissaBits) - 1);
    int bias = (1 << (exponentBits - 1)) - 1;
    double fraction = mantissa / Math.pow(2, mantissaBits);
    if (exponent == (1 << exponentBits) - 1) {
      return mantissa == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * fraction * Math.pow(2, 1 - bias)
        : sign * (1 + fraction) * Math.pow(2, exponent - bias);
  }

  private static byte[] everyShort() {
    ByteBuffer data = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 1 << 16; bits++) {
      data.putShort((short) bits);
    }
    return data.array();
  }

  private static byte[] shorts(int... values) {
    ByteBuffer data = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      data.putShort((short) value);
    }
    return data.array();
  }

  private StoredTensor tensor(String dtype, String shape, byte[] data) throws IOException {
    byte[] start =
        start(
            "{\"t\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[0,%d]}}"
                .formatted(dtype, shape, data.length));
    byte[] bytes = new byte[start.length + data.length];
    System.arraycopy(start, 0, bytes, 0, start.length);
    System.arraycopy(data, 0, bytes, start.length, data.length);
    Path file = Files.write(Files.createTempFile(temp, "t", ".safetensors"), bytes);
    return SafetensorsFile.read(file).tensors().get(0);
  }

  private static byte[] start(String header) {
    return ByteBuffer.allocate(8 + header.length())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length())
        .put(header.getBytes(UTF_8))
        .array();
  }
}
