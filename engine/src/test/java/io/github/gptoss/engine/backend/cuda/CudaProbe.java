package io.github.gptoss.engine.backend.cuda;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import jcuda.Pointer;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a GPU is and what it delivers; gpu/check.sh runs it. */
@Command(
    name = "CudaProbe",
    mixinStandardHelpOptions = true,
    description =
        "Tells what a GPU is, and how the engine's kernels were loaded on it. With --image, the"
            + " compiled kernels/hardware.cu, it measures tensor instructions, memory and atomics,"
            + " and compares the bits of products; it fails where a product is wrong.")
public final class CudaProbe implements Callable<Integer> {
  private static final int ROWS = 64;
  private static final int COLUMNS = 256;
  private static final int WIDTH = 2880;
  private static final double MOST_ERROR = 1e-5;
  private static final int[] WGMMA_COLUMNS = {8, 16, 32, 64, 128, 256};
  private static final int ROUNDS = 5;
  private static final double LEAST_SECONDS = 0.02;
  private static final int SHARED_BYTES = COLUMNS * 128 + 1024;

  @Option(names = "--device", defaultValue = "0", description = "Ordinal of the GPU.")
  private int ordinal;

  @Option(names = "--image", description = "Fatbin of hardware.cu.")
  private Path image;

  private CudaDevice device;
  private DeviceMemory out;

  public static void main(String[] args) {
    System.exit(new CommandLine(new CudaProbe()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (image == null) {
      describe();
      return 0;
    }
    byte[] fatbin = Files.readAllBytes(image);
    KernelImage kernels =
        new KernelImage(
            Arrays.copyOf(fatbin, fatbin.length + 1), KernelImage.read().toolkitVersion());
    try (CudaDevice opened = new CudaDevice(ordinal, kernels)) {
      device = opened;
      out = device.allocate(64 << 20, "results", () -> "nothing else");
      print("## Probe of %s%n%n", device.describe());
      boolean right = products();
      rates();
      reads();
      bins();
      return right ? 0 : 1;
    }
  }

  private void describe() {
    try (CudaDevice opened = new CudaDevice(ordinal, KernelImage.read())) {
      device = opened;
      print("## %s%n%n", device.describe());
      Map<String, Integer> attributes = new LinkedHashMap<>();
      attributes.put(
          "multiprocessors", CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
      attributes.put("L2 bytes", CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
      attributes.put(
          "shared bytes a multiprocessor",
          CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR);
      attributes.put(
          "shared bytes a block, at most",
          CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
      attributes.put("clock, kHz", CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
      attributes.put("memory clock, kHz", CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
      attributes.put("ECC", CUdevice_attribute.CU_DEVICE_ATTRIBUTE_ECC_ENABLED);
      attributes.forEach((name, at) -> print("%s: %d%n", name, device.attribute(at)));
      print("%n| kernel | registers | local bytes | compiled for | carve-out, %% |%n");
      print("|---|---|---|---|---|%n");
      device.loadedKernels().stream()
          .sorted()
          .forEach(
              name -> {
                Kernel kernel = device.kernel(name);
                print(
                    "| %s | %d | %d | %d | %d |%n",
                    name,
                    kernel.attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS),
                    kernel.attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES),
                    kernel.attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_BINARY_VERSION),
                    kernel.attribute(
                        CUfunction_attribute.CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT));
              });
    }
  }

  /** Whether the device has it: wgmma is of compute capability 9.0 alone. */
  private boolean has(String kernel) {
    return device.loadedKernels().contains(kernel);
  }

  /** The same product by each instruction, against double precision and against each other. */
  private boolean products() {
    Random random = new Random(1);
    short[] a = bfloat16(random, ROWS * WIDTH);
    short[] b = bfloat16(random, COLUMNS * WIDTH);
    double[] exact = new double[ROWS * COLUMNS];
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        double sum = 0;
        for (int k = 0; k < WIDTH; k++) {
          sum += (double) value(a[i * WIDTH + k]) * value(b[j * WIDTH + k]);
        }
        exact[i * COLUMNS + j] = sum;
      }
    }
    DeviceMemory left = upload(a);
    DeviceMemory right = upload(b);
    Map<String, float[]> results = new LinkedHashMap<>();
    results.put("mma.sync", product("hardware_product_mma", left, right));
    for (int columns : WGMMA_COLUMNS) {
      String kernel = "hardware_product_wgmma_" + columns;
      if (has(kernel)) {
        results.put("wgmma n" + columns, product(kernel, left, right));
      }
    }
    device.free(left);
    device.free(right);
    float[] mma = results.get("mma.sync");
    float[] narrow = results.get("wgmma n8");
    print(
        "| product | relative error | bits equal to mma.sync | to wgmma n8 |%n|---|---|---|---|%n");
    List<String> wrong = new ArrayList<>();
    results.forEach(
        (name, values) -> {
          double error = relativeError(values, exact);
          print(
              "| %s | %.2e | %.2f %% | %s |%n",
              name,
              error,
              100 * equal(values, mma),
              narrow == null
                  ? ""
                  : String.format(Locale.ROOT, "%.2f %%", 100 * equal(values, narrow)));
          if (!(error < MOST_ERROR)) {
            wrong.add(name);
          }
        });
    print("%n%s%n%n", wrong.isEmpty() ? "all products are right" : "WRONG: " + wrong);
    return wrong.isEmpty();
  }

  private float[] product(String name, DeviceMemory left, DeviceMemory right) {
    device.check(JCudaDriver.cuMemsetD8Async(out, (byte) -1, 4L * ROWS * COLUMNS, device.stream()));
    Kernel kernel = device.kernel(name);
    kernel.params().put(left, right, out).put(COLUMNS, WIDTH);
    kernel.launch(1, 128, SHARED_BYTES);
    float[] values = new float[ROWS * COLUMNS];
    device.copyToHost(Pointer.to(FloatBuffer.wrap(values)), out, 4L * values.length);
    device.synchronize();
    return values;
  }

  private static short[] bfloat16(Random random, int count) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = (short) (Float.floatToRawIntBits((float) random.nextGaussian()) + 0x8000 >>> 16);
    }
    return values;
  }

  private static float value(short bfloat16) {
    return Float.intBitsToFloat(bfloat16 << 16);
  }

  private DeviceMemory upload(short[] values) {
    DeviceMemory memory = device.allocate(2L * values.length, "a matrix", () -> "nothing else");
    device.copyToDevice(memory, Pointer.to(ShortBuffer.wrap(values)), 2L * values.length);
    device.synchronize();
    return memory;
  }

  private static double relativeError(float[] values, double[] exact) {
    double error = 0;
    double square = 0;
    for (int i = 0; i < values.length; i++) {
      error += (values[i] - exact[i]) * (values[i] - exact[i]);
      square += exact[i] * exact[i];
    }
    return Math.sqrt(error / square);
  }

  private static double equal(float[] values, float[] others) {
    int count = 0;
    for (int i = 0; i < values.length; i++) {
      count += Float.floatToRawIntBits(values[i]) == Float.floatToRawIntBits(others[i]) ? 1 : 0;
    }
    return (double) count / values.length;
  }

  private void rates() {
    print("| tensor instruction | warps a multiprocessor | TFLOP/s |%n|---|---|---|%n");
    for (int threads : new int[] {128, 256, 512}) {
      Kernel kernel = device.kernel("hardware_rate_mma");
      double perRound = 2.0 * device.multiprocessors() * threads / 32 * 8 * 4096;
      rate(
          "mma.sync m16n8k16",
          threads / 16,
          kernel,
          2 * device.multiprocessors(),
          threads,
          0,
          perRound);
    }
    for (int columns : WGMMA_COLUMNS) {
      String name = "hardware_rate_wgmma_" + columns;
      if (has(name)) {
        double perRound = device.multiprocessors() * 2.0 * 4 * 2 * 64 * columns * 16;
        rate(
            "wgmma m64n" + columns + "k16, A in registers",
            8,
            device.kernel(name),
            device.multiprocessors(),
            256,
            SHARED_BYTES,
            perRound);
      }
    }
    print("%n");
  }

  private void rate(
      String name,
      int warps,
      Kernel kernel,
      int blocks,
      int threads,
      int sharedBytes,
      double flops) {
    int rounds = 16;
    double seconds;
    while (true) {
      kernel.params().put(out).put(rounds, 0x3f813f82);
      seconds = seconds(() -> kernel.launch(blocks, threads, sharedBytes));
      if (seconds > LEAST_SECONDS) {
        break;
      }
      rounds *= 4;
    }
    print("| %s | %d | %.4g |%n", name, warps, flops * rounds / seconds / 1e12);
  }

  private void reads() {
    print("| reads of | TB/s |%n|---|---|%n");
    long most = Math.min(8L << 30, device.totalBytes() / 8);
    DeviceMemory from = device.allocate(most, "what is read", () -> "nothing else");
    device.clear(from);
    for (long bytes : new long[] {16L << 20, 24L << 20, 40L << 20, 8L << 30}) {
      long part = Math.min(bytes, most);
      Kernel kernel = device.kernel("hardware_reads");
      int rounds = 1;
      double seconds;
      while (true) {
        kernel.params().put(from, out).put(part / 16).put(rounds);
        seconds = seconds(() -> kernel.launch(4 * device.multiprocessors(), 512, 0));
        if (seconds > LEAST_SECONDS || part == most) {
          break;
        }
        rounds *= 4;
      }
      print("| %d MiB, %d times | %.4g |%n", part >> 20, rounds, part * rounds / seconds / 1e12);
    }
    device.free(from);
    print("%n");
  }

  /** As many atomics a block as a vocabulary has tokens. */
  private void bins() {
    print(
        "| 201,216 64-bit atomics a block, 2 blocks a multiprocessor, on bins | ms |%n|---|---|%n");
    for (int hot : new int[] {1, 4, 16, 256}) {
      Kernel kernel = device.kernel("hardware_bins");
      kernel.params().put(out).put(393, hot);
      double seconds = seconds(() -> kernel.launch(2 * device.multiprocessors(), 512, 0));
      print("| %d | %.3f |%n", hot, seconds * 1e3);
    }
  }

  /** The least of several runs, after one that is not timed. */
  private double seconds(Runnable work) {
    work.run();
    CUevent start = timed();
    CUevent end = timed();
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < ROUNDS; i++) {
      device.record(start);
      work.run();
      device.record(end);
      device.await(end);
      float[] millis = new float[1];
      device.check(JCudaDriver.cuEventElapsedTime(millis, start, end));
      least = Math.min(least, millis[0] / 1e3);
    }
    JCudaDriver.cuEventDestroy(start);
    JCudaDriver.cuEventDestroy(end);
    return least;
  }

  private CUevent timed() {
    CUevent event = new CUevent();
    device.check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT));
    return event;
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
