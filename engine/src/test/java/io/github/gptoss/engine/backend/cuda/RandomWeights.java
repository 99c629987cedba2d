package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.ExpertFormat;
import java.util.Arrays;
import java.util.function.Supplier;

/** Weights of a model's shape, made on the device; biases and sinks are zero, norms one. */
final class RandomWeights implements WeightSource {
  private static final int THREADS = 256;
  private static final int BLOCKS_EACH = 8;

  /** Standard deviation of the sum of four uniform 16-bit numbers. */
  private static final double FOUR_UNIFORM = 37837.2;

  /** The exponent field of scale 2^-7: with it, a product's outputs are about as its inputs. */
  private static final int FIELD = 246;

  private final ModelConfig config;
  private final ExpertFormat format;
  private final CudaDevice device;
  private final Supplier<String> plan;
  private final WeightLoader loader;
  private long seed;

  RandomWeights(
      ModelConfig config,
      ExpertFormat format,
      CudaDevice device,
      Supplier<String> plan,
      long seed) {
    this.config = config;
    this.format = format;
    this.device = device;
    this.plan = plan;
    this.seed = seed;
    loader = new WeightLoader(device, 0, plan);
  }

  @Override
  public DeviceMemory embedding() {
    return bf16(2L * config.vocabSize() * config.hiddenSize(), 1, "the embedding");
  }

  @Override
  public CudaLayer layer(int index) {
    int hidden = config.hiddenSize();
    return new CudaLayer(
        config.attention().get(index),
        ones(),
        linear(config.queryWidth() + 2 * config.kvWidth(), hidden, true),
        linear(hidden, config.queryWidth(), true),
        zeros(config.heads()),
        ones(),
        linear(config.experts(), 2 * hidden, true),
        experts(2 * config.intermediateSize(), hidden),
        experts(hidden, config.intermediateSize()));
  }

  @Override
  public Linear unembedding() {
    return linear(config.vocabSize(), config.hiddenSize(), false);
  }

  @Override
  public DeviceMemory finalNorm() {
    return ones();
  }

  @Override
  public void close() {
    loader.close();
  }

  private DeviceMemory ones() {
    float[] values = new float[config.hiddenSize()];
    Arrays.fill(values, 1);
    return loader.floats("a norm", values);
  }

  private DeviceMemory zeros(long count) {
    DeviceMemory memory = device.allocate(4 * count, "biases", plan);
    device.clear(memory);
    return memory;
  }

  /** A matrix whose outputs are about as large as its inputs. */
  private Linear linear(int rows, int width, boolean bias) {
    long bytes = Fragments.tiles(rows, width) * Fragments.BF16_TILE_BYTES;
    return new Linear(
        bf16(bytes, 1 / Math.sqrt(width), "a matrix"), bias ? zeros(rows) : null, rows, width);
  }

  private ExpertWeights experts(int rows, int width) {
    long tiles = config.experts() * Fragments.tiles(rows, width);
    DeviceMemory bias = zeros((long) config.experts() * rows);
    if (format == ExpertFormat.DENSE) {
      DeviceMemory weights =
          bf16(tiles * Fragments.BF16_TILE_BYTES, 1 / Math.sqrt(width), "experts");
      return new ExpertWeights(weights, null, bias, rows, width, 1);
    }
    DeviceMemory codes = device.allocate(tiles * Fragments.CODE_TILE_BYTES, "experts", plan);
    DeviceMemory scales = device.allocate(tiles * Fragments.SCALE_TILE_BYTES, "experts", plan);
    Kernel kernel = device.kernel("random_mxfp4");
    kernel.params().put(codes).put(scales).put(tiles).put(seed++).put(FIELD);
    launch(kernel);
    return new ExpertWeights(codes, scales, bias, rows, width, 1);
  }

  private DeviceMemory bf16(long bytes, double deviation, String what) {
    DeviceMemory memory = device.allocate(bytes, what, plan);
    Kernel kernel = device.kernel("random_bf16");
    kernel.params().put(memory).put(bytes / 16).put(seed++).put((float) (deviation / FOUR_UNIFORM));
    launch(kernel);
    return memory;
  }

  private void launch(Kernel kernel) {
    kernel.launch(BLOCKS_EACH * device.multiprocessors(), THREADS, 0);
  }
}
