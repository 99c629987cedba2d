package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.lora.LowRank;
import io.github.gptoss.engine.lora.Target;
import io.github.gptoss.engine.tensor.DType;
import io.github.gptoss.engine.tensor.StoredTensor;
import io.github.gptoss.engine.weights.DenseExperts;
import io.github.gptoss.engine.weights.ExpertMatrix;
import io.github.gptoss.engine.weights.Mxfp4Experts;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;
import jcuda.driver.CUevent;

/**
 * Copies weights to a device, through page-locked memory that is read into while the last part is
 * on its way, and has the device bring them into fragment order. Close it when all are there.
 */
final class WeightLoader implements AutoCloseable {
  private static final int PART_BYTES = 16 << 20;

  /** A lane's share of an A fragment. */
  private static final int FRAGMENT_BYTES = 16;

  private static final int SHUFFLE_BLOCKS_EACH = 8;
  private static final int SHUFFLE_THREADS = 256;

  /** Row orders of shuffle.cu. */
  private static final int PLAIN = 0;

  private static final int ROTARY = 1;
  private static final int GATE_UP = 2;

  /** The largest scale byte that the kernels multiply by as bfloat16. */
  private static final int LARGEST_SCALE = 128;

  private final CudaDevice device;
  private final Supplier<String> plan;
  private final PinnedMemory[] parts = new PinnedMemory[2];
  private final CUevent[] copied = new CUevent[2];
  private final boolean[] used = new boolean[2];
  private final DeviceMemory raw;
  private ByteBuffer stored = ByteBuffer.allocate(0);
  private int next;

  /** Takes matrices of up to this size as a whole. */
  WeightLoader(CudaDevice device, long largestBytes, Supplier<String> plan) {
    this.device = device;
    this.plan = plan;
    int bytes = Math.toIntExact(Math.max(PART_BYTES, largestBytes));
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new PinnedMemory(device, bytes);
      copied[i] = device.event();
    }
    raw = device.allocate(bytes, "the part of the weights that is being loaded", plan);
  }

  /** A vector as float32. */
  DeviceMemory vector(StoredTensor tensor) {
    return floats(tensor.name(), tensor.toFloats());
  }

  DeviceMemory floats(String name, float[] values) {
    DeviceMemory memory = device.allocate(4L * values.length, name, plan);
    int each = parts[0].bytes().capacity() / Float.BYTES;
    for (int from = 0; from < values.length; from += each) {
      int count = Math.min(each, values.length - from);
      free().asFloatBuffer().put(values, from, count);
      send(memory.slice(4L * from, 4L * count), 4L * count);
    }
    return memory;
  }

  /** Bytes as they are, no more than {@link #raw} holds. */
  DeviceMemory bytes(String name, ByteBuffer values) {
    DeviceMemory memory = device.allocate(values.remaining(), name, plan);
    free().put(values);
    send(memory, memory.bytes());
    return memory;
  }

  /** Several vectors, one after the other. */
  DeviceMemory vectors(StoredTensor... tensors) {
    int length = 0;
    for (StoredTensor tensor : tensors) {
      length += Math.toIntExact(tensor.elements());
    }
    float[] values = new float[length];
    int at = 0;
    for (StoredTensor tensor : tensors) {
      float[] part = tensor.toFloats();
      System.arraycopy(part, 0, values, at, part.length);
      at += part.length;
    }
    return floats(tensors[0].name(), values);
  }

  /** A matrix in bfloat16, row-major as it is. */
  DeviceMemory rows(StoredTensor tensor) {
    DeviceMemory memory = device.allocate(2 * tensor.elements(), tensor.name(), plan);
    long each = parts[0].bytes().capacity() / 2;
    for (long from = 0; from < tensor.elements(); from += each) {
      long count = Math.min(each, tensor.elements() - from);
      readBf16(tensor, from, count);
      send(memory.slice(2 * from, 2 * count), 2 * count);
    }
    return memory;
  }

  /** A matrix in fragment order. */
  Linear linear(StoredTensor weights, StoredTensor bias) {
    int rows = Math.toIntExact(weights.dim(0));
    int width = Math.toIntExact(weights.dim(1));
    DeviceMemory memory = fragments(weights.name(), rows, width);
    shuffle(weights, memory, 0, PLAIN, Fragments.TILE_ROWS);
    return new Linear(memory, bias == null ? null : vector(bias), rows, width);
  }

  /** A matrix whose every row stands twice beside itself, [rows, 2 * width]. */
  Linear router(StoredTensor weights, StoredTensor bias) {
    int rows = Math.toIntExact(weights.dim(0));
    int width = Math.toIntExact(weights.dim(1));
    float[] values = weights.toFloats();
    DeviceMemory memory = fragments(weights.name(), rows, 2 * width);
    ByteBuffer part = free();
    for (int i = 0; i < 2 * values.length; i++) {
      int row = i / (2 * width);
      part.putShort(Bf16.of(values[row * width + i % width]));
    }
    send(raw, 4L * values.length);
    shuffleBf16(memory, 2L * width, rows, 2 * width, PLAIN, 0, false, 0);
    return new Linear(memory, vector(bias), rows, 2 * width);
  }

  /** Queries, keys and values as one matrix; rows of the first two in rotary order. */
  Linear qkv(StoredTensor[] weights, StoredTensor[] biases, int headDim) {
    int width = Math.toIntExact(weights[0].dim(1));
    int rows = 0;
    for (StoredTensor part : weights) {
      rows += Math.toIntExact(part.dim(0));
    }
    DeviceMemory memory = fragments(weights[0].name(), rows, width);
    int from = 0;
    for (int i = 0; i < weights.length; i++) {
      boolean value = i == weights.length - 1;
      shuffle(
          weights[i], memory, from, value ? PLAIN : ROTARY, value ? Fragments.TILE_ROWS : headDim);
      from += Math.toIntExact(weights[i].dim(0));
    }
    return new Linear(memory, vectors(biases), rows, width);
  }

  private DeviceMemory fragments(String name, int rows, int width) {
    return zeros(Fragments.tiles(rows, width) * Fragments.BF16_TILE_BYTES, name);
  }

  /** Zeros, where a matrix has no row for a tile of its last group. */
  private DeviceMemory zeros(long bytes, String name) {
    DeviceMemory memory = device.allocate(bytes, name, plan);
    device.clear(memory);
    return memory;
  }

  /** The tensor's rows go to firstRow and on; the order exchanges rows within groupRows. */
  private void shuffle(
      StoredTensor tensor, DeviceMemory target, int firstRow, int order, int groupRows) {
    int rows = Math.toIntExact(tensor.dim(0));
    int width = Math.toIntExact(tensor.dim(1));
    int fit = parts[0].bytes().capacity() / (2 * width);
    int each = Math.max(groupRows, fit / groupRows * groupRows);
    for (int from = 0; from < rows; from += each) {
      int count = Math.min(each, rows - from);
      readBf16(tensor, (long) from * width, (long) count * width);
      send(raw, 2L * count * width);
      int tile = (firstRow + from) / Fragments.TILE_ROWS;
      shuffleBf16(target, width, count, width, order, groupRows, false, tile);
    }
  }

  private void shuffleBf16(
      DeviceMemory target,
      long stride,
      int rows,
      int columns,
      int order,
      int head,
      boolean transposed,
      int firstTile) {
    Kernel kernel = device.kernel("shuffle_bf16");
    kernel
        .params()
        .put(raw, target)
        .put(stride)
        .put(rows, columns, order, head, transposed ? 1 : 0, firstTile);
    launch(kernel);
  }

  private void launch(Kernel kernel) {
    kernel.launch(SHUFFLE_BLOCKS_EACH * device.multiprocessors(), SHUFFLE_THREADS, 0);
  }

  /** An expert's matrices, in which gate and up rows may stand in turn. */
  ExpertWeights experts(ExpertMatrix matrix, StoredTensor bias, boolean gateUp) {
    int order = gateUp ? GATE_UP : PLAIN;
    return matrix instanceof Mxfp4Experts mxfp4
        ? mxfp4(mxfp4, bias, order)
        : dense((DenseExperts) matrix, bias, order);
  }

  private ExpertWeights dense(DenseExperts matrix, StoredTensor bias, int order) {
    long expertBytes = Fragments.tiles(matrix.rows(), matrix.cols()) * Fragments.BF16_TILE_BYTES;
    DeviceMemory memory = zeros(matrix.experts() * expertBytes, matrix.weights().name());
    long elements = (long) matrix.rows() * matrix.cols();
    for (int e = 0; e < matrix.experts(); e++) {
      readBf16(matrix.weights(), e * elements, elements);
      send(raw, 2 * elements);
      shuffleBf16(
          memory.slice(e * expertBytes, expertBytes),
          matrix.rows(),
          matrix.rows(),
          matrix.cols(),
          order,
          0,
          true,
          0);
    }
    return new ExpertWeights(memory, null, vector(bias), matrix.rows(), matrix.cols(), 1);
  }

  private ExpertWeights mxfp4(Mxfp4Experts matrix, StoredTensor bias, int order) {
    int experts = matrix.experts();
    long tiles = Fragments.tiles(matrix.rows(), matrix.cols());
    DeviceMemory codes = zeros(experts * tiles * Fragments.CODE_TILE_BYTES, matrix.blocks().name());
    DeviceMemory scales =
        zeros(experts * tiles * Fragments.SCALE_TILE_BYTES, matrix.scales().name());
    int shift = Math.max(0, largestByte(matrix.scales()) - LARGEST_SCALE);
    long blockBytes = matrix.blocks().bytes() / experts;
    long scaleBytes = matrix.scales().bytes() / experts;
    for (int e = 0; e < experts; e++) {
      ByteBuffer part = free();
      matrix.blocks().read(part.limit((int) blockBytes), e * blockBytes);
      matrix.scales().read(part.limit((int) (blockBytes + scaleBytes)), e * scaleBytes);
      send(raw, blockBytes + scaleBytes);
      Kernel kernel = device.kernel("shuffle_mxfp4");
      kernel
          .params()
          .put(raw)
          .put(raw.slice(blockBytes, scaleBytes))
          .put(
              codes.slice(e * tiles * Fragments.CODE_TILE_BYTES, tiles * Fragments.CODE_TILE_BYTES))
          .put(
              scales.slice(
                  e * tiles * Fragments.SCALE_TILE_BYTES, tiles * Fragments.SCALE_TILE_BYTES))
          .put(matrix.rows(), matrix.cols(), order, shift);
      launch(kernel);
    }
    return new ExpertWeights(
        codes, scales, vector(bias), matrix.rows(), matrix.cols(), (float) Math.scalb(1.0, shift));
  }

  /** What {@link #lowRankA} and {@link #lowRankB} take as a whole. */
  static long wholeBytes(LowRank low, int headDim) {
    long rows = Math.max(headDim, Fragments.TILE_ROWS);
    return 2L * low.rank() * Math.max(low.inputs(), rows * low.experts());
  }

  /** A of an adapter, expert after expert, in tiles of 16 x 16. */
  DeviceMemory lowRankA(LowRank low) {
    DeviceMemory memory = device.allocate(Fragments.bytesOfA(low), low.a().name(), plan);
    long elements = (long) low.rank() * low.inputs();
    long expertBytes = Fragments.lowRankBytes(low.rank(), low.inputs());
    int each = (int) Math.max(1, raw.bytes() / (2 * elements));
    for (int from = 0; from < low.experts(); from += each) {
      int count = Math.min(each, low.experts() - from);
      readBf16(low.a(), low.rowOfA(from, 0) * (long) low.inputs(), count * elements);
      send(raw, 2 * count * elements);
      Kernel kernel = device.kernel("shuffle_low_rank");
      kernel
          .params()
          .put(raw, memory.slice(from * expertBytes, count * expertBytes))
          .put(elements)
          .put((long) low.inputs())
          .put(1L)
          .put(expertBytes / FRAGMENT_BYTES)
          .put(count, low.rank(), low.inputs(), PLAIN, 0);
      launch(kernel);
    }
    return memory;
  }

  /**
   * B of an adapter, likewise, its rows in the order of the matrix that its product is added to. An
   * expert's columns lie apart in the file, and a row has those of all experts.
   */
  DeviceMemory lowRankB(LowRank low, Target target, int headDim) {
    DeviceMemory memory = device.allocate(Fragments.bytesOfB(low), low.b().name(), plan);
    int order =
        switch (target) {
          case Q, K -> ROTARY;
          case GATE_UP -> GATE_UP;
          case V, O, DOWN -> PLAIN;
        };
    int groupRows = order == ROTARY ? headDim : Fragments.TILE_ROWS;
    int stored = low.rank() * low.experts();
    long expertBytes = Fragments.lowRankBytes(low.outputs(), low.rank());
    int fit = (int) Math.min(low.outputs(), raw.bytes() / (2L * stored));
    int each = Math.max(groupRows, fit / groupRows * groupRows);
    for (int from = 0; from < low.outputs(); from += each) {
      int count = Math.min(each, low.outputs() - from);
      readBf16(low.b(), (long) from * stored, (long) count * stored);
      send(raw, 2L * count * stored);
      long fromByte = Fragments.lowRankBytes(from, low.rank());
      Kernel kernel = device.kernel("shuffle_low_rank");
      kernel
          .params()
          .put(raw, memory.slice(fromByte, memory.bytes() - fromByte))
          .put((long) low.columnOfB(1, 0))
          .put((long) stored)
          .put((long) low.columnOfB(0, 1))
          .put(expertBytes / FRAGMENT_BYTES)
          .put(low.experts(), count, low.rank(), order, headDim);
      launch(kernel);
    }
    return memory;
  }

  private static int largestByte(StoredTensor tensor) {
    ByteBuffer part = ByteBuffer.allocate((int) Math.min(tensor.bytes(), PART_BYTES));
    int largest = 0;
    for (long from = 0; from < tensor.bytes(); from += part.capacity()) {
      tensor.read(part.clear(), from);
      byte[] bytes = part.array();
      for (int i = 0; i < part.position(); i++) {
        largest = Math.max(largest, bytes[i] & 0xff);
      }
    }
    return largest;
  }

  /** Reads elements into the free part, rounded to bfloat16 if they are of another type. */
  private void readBf16(StoredTensor tensor, long from, long count) {
    ByteBuffer part = free();
    if (tensor.dtype() == DType.BF16) {
      tensor.read(part.limit(Math.toIntExact(2 * count)), 2 * from);
      return;
    }
    int each = tensor.dtype().bytes();
    int bytes = Math.toIntExact(each * count);
    if (stored.capacity() < bytes) {
      stored = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
    tensor.read(stored.clear().limit(bytes), each * from);
    for (int i = 0; i < bytes; i += each) {
      part.putShort(Bf16.of(tensor.dtype().floatAt(stored, i)));
    }
  }

  /** The part that is not on its way, empty. */
  private ByteBuffer free() {
    if (used[next]) {
      device.await(copied[next]);
    }
    return parts[next].bytes().clear();
  }

  /** Sends what was put into the free part. */
  private void send(DeviceMemory to, long bytes) {
    device.copyToDevice(to, parts[next].pointer(), bytes);
    device.record(copied[next]);
    used[next] = true;
    next ^= 1;
  }

  /** Waits until everything is there. */
  @Override
  public void close() {
    device.synchronize();
    device.free(raw);
    for (PinnedMemory part : parts) {
      part.close();
    }
  }
}
