package io.github.gptoss.engine.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * A tensor's place in a file: row-major, little endian, elements of {@link #dtype}. Immutable;
 * holds no data. Cannot be mapped or read after its checkpoint was closed; buffers that were mapped
 * before stay valid as long as they are reachable.
 *
 * @param name in the file; a slice carries its range, {@code name[from:to]}
 * @param shape sizes, outermost first; empty for a scalar
 * @param offset byte position of the first element in {@link #file}
 */
public record StoredTensor(
    StoredFile source, String name, DType dtype, long[] shape, long offset, long bytes) {
  @Override
  public long[] shape() {
    return shape.clone();
  }

  public int rank() {
    return shape.length;
  }

  /** Size of one dimension, the outermost being 0. */
  public long dim(int index) {
    return shape[index];
  }

  public long elements() {
    return bytes / dtype.bytes();
  }

  public Path file() {
    return source.path();
  }

  /** Rows [from, to) along the first dimension, without a copy; fails if it has no such rows. */
  public StoredTensor slice(long from, long to) {
    if (shape.length == 0) {
      throw new IndexOutOfBoundsException("a scalar has no rows: " + name);
    }
    Objects.checkFromToIndex(from, to, shape[0]);
    long rowBytes = shape[0] == 0 ? 0 : bytes / shape[0];
    long[] sliced = shape.clone();
    sliced[0] = to - from;
    return new StoredTensor(
        source,
        name + "[" + from + ":" + to + "]",
        dtype,
        sliced,
        offset + from * rowBytes,
        (to - from) * rowBytes);
  }

  /** {@link #map(long, long)} of the whole tensor. */
  public ByteBuffer map() {
    return map(0, bytes);
  }

  /**
   * Maps up to 2 GiB - 1 byte, counted from the tensor's first one, little endian and read-only.
   * Fails if the file cannot be read or has changed since its header was read.
   */
  public ByteBuffer map(long byteFrom, long byteCount) {
    Objects.checkFromIndexSize(byteFrom, byteCount, bytes);
    if (byteCount > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "tensor %s: %s bytes do not fit one mapping of at most 2147483647; map parts of it"
              .formatted(name, byteCount));
    }
    try {
      return source.map(offset + byteFrom, (int) byteCount).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw SafetensorsErrors.unreadable(source.path(), e);
    }
  }

  /**
   * Fills {@code target} with bytes of the tensor from {@code byteFrom} on, without mapping them,
   * so that a single pass over many bytes does not stay in the process's memory. Returns how many,
   * fewer than {@code target.remaining()} at the tensor's end; fails as {@link #map(long, long)}.
   */
  public int read(ByteBuffer target, long byteFrom) {
    Objects.checkIndex(byteFrom, bytes + 1);
    int wanted = (int) Math.min(target.remaining(), bytes - byteFrom);
    ByteBuffer window = target.slice(target.position(), wanted);
    try (FileChannel channel = source.open()) {
      while (window.hasRemaining()) {
        if (channel.read(window, offset + byteFrom + window.position()) < 0) {
          throw SafetensorsErrors.changed(source.path(), source.bytes(), channel.size());
        }
      }
    } catch (IOException e) {
      throw SafetensorsErrors.unreadable(source.path(), e);
    }
    target.position(target.position() + wanted);
    return wanted;
  }

  /** A copy as float32, row-major: exact for F32, BF16 and F16; fails for any other type. */
  public float[] toFloats() {
    if (!dtype.isFloat()) {
      throw new IllegalStateException("tensor " + name + " is " + dtype + ", not floating point");
    }
    ByteBuffer data = map();
    float[] values = new float[Math.toIntExact(elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = dtype.floatAt(data, i * dtype.bytes());
    }
    return values;
  }

  @Override
  public String toString() {
    return name + " " + dtype + Arrays.toString(shape);
  }
}
