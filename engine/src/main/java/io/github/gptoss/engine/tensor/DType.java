package io.github.gptoss.engine.tensor;

import java.nio.ByteBuffer;
import java.util.Optional;

/** Element types under their safetensors names. */
public enum DType {
  BOOL(1),
  U8(1),
  I8(1),
  F8_E4M3(1),
  F8_E5M2(1),
  F8_E8M0(1),
  U16(2),
  I16(2),
  F16(2),
  BF16(2),
  U32(4),
  I32(4),
  F32(4),
  U64(8),
  I64(8),
  F64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether {@link StoredTensor#toFloats} reads it: every value is exact in float32. */
  public boolean isFloat() {
    return this == F32 || this == BF16 || this == F16;
  }

  /** The element at a byte offset, exactly; of an {@link #isFloat} type. */
  public float floatAt(ByteBuffer data, int offset) {
    return switch (this) {
      case F32 -> data.getFloat(offset);
      case BF16 -> Float.intBitsToFloat(data.getShort(offset) << 16);
      case F16 -> HalfFloat.toFloat(data.getShort(offset));
      default -> throw new IllegalStateException(this + " is not floating point");
    };
  }

  static Optional<DType> named(String name) {
    for (DType dtype : values()) {
      if (dtype.name().equals(name)) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }
}
