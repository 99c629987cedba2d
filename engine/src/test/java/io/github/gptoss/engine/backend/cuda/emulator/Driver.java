package io.github.gptoss.engine.backend.cuda.emulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** One device's context, as thin over the driver API as tests of the driver want it. */
final class Driver {
  /** Not a fatbin: the emulator takes the build's placeholder for one, having its own kernels. */
  private static final byte[] NO_IMAGE =
      "built without CUDA kernels\0".getBytes(StandardCharsets.US_ASCII);

  private static final String FATBIN = "/io/github/gptoss/engine/backend/cuda/kernels.fatbin";

  /** A result other than success; the message is the driver's. */
  static final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int result;

    CudaException(int result, String message) {
      super(message);
      this.result = result;
    }

    int result() {
      return result;
    }
  }

  /** Device memory whose address can be put into a parameter struct. */
  static final class Memory extends CUdeviceptr {
    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  /** A kernel's one parameter struct, laid out as C++ does. */
  static final class Params {
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(256).order(ByteOrder.nativeOrder());

    Params put(Memory memory) {
      return put(memory == null ? 0 : memory.address());
    }

    Params put(long value) {
      bytes.position((bytes.position() + 7) & -8).putLong(value);
      return this;
    }

    Params put(int value) {
      bytes.putInt(value);
      return this;
    }

    Params put(float value) {
      bytes.putFloat(value);
      return this;
    }
  }

  private final CUcontext context = new CUcontext();
  private final CUmodule module = new CUmodule();

  Driver(int device) {
    check(JCudaDriver.cuInit(0));
    CUdevice handle = new CUdevice();
    check(JCudaDriver.cuDeviceGet(handle, device));
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, handle));
    makeCurrent();
    check(JCudaDriver.cuModuleLoadData(module, GpuTests.onRealGpu() ? fatbin() : NO_IMAGE));
  }

  private static byte[] fatbin() {
    try (InputStream in = Driver.class.getResourceAsStream(FATBIN)) {
      byte[] image = in.readAllBytes();
      return Arrays.copyOf(image, image.length + 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void check(int result) {
    if (result != CUresult.CUDA_SUCCESS) {
      String[] text = new String[1];
      JCudaDriver.cuGetErrorString(result, text);
      throw new CudaException(result, CUresult.stringFor(result) + ": " + text[0]);
    }
  }

  CUcontext context() {
    return context;
  }

  Driver makeCurrent() {
    check(JCudaDriver.cuCtxSetCurrent(context));
    return this;
  }

  Memory allocate(long bytes) {
    Memory memory = new Memory();
    check(JCudaDriver.cuMemAlloc(memory, bytes));
    return memory;
  }

  private Memory upload(Pointer from, long bytes) {
    Memory memory = allocate(bytes);
    check(JCudaDriver.cuMemcpyHtoD(memory, from, bytes));
    return memory;
  }

  Memory upload(float... values) {
    return upload(Pointer.to(values), 4L * values.length);
  }

  Memory upload(int... values) {
    return upload(Pointer.to(values), 4L * values.length);
  }

  Memory upload(short... values) {
    return upload(Pointer.to(values), 2L * values.length);
  }

  Memory upload(byte... values) {
    return upload(Pointer.to(values), values.length);
  }

  float[] downloadFloats(Memory memory, int count) {
    float[] values = new float[count];
    check(JCudaDriver.cuMemcpyDtoH(Pointer.to(values), memory, 4L * count));
    return values;
  }

  short[] downloadShorts(Memory memory, int count) {
    short[] values = new short[count];
    check(JCudaDriver.cuMemcpyDtoH(Pointer.to(values), memory, 2L * count));
    return values;
  }

  int[] downloadInts(Memory memory, int count) {
    int[] values = new int[count];
    check(JCudaDriver.cuMemcpyDtoH(Pointer.to(values), memory, 4L * count));
    return values;
  }

  /** Sizes of a launch. */
  record Shape(int gridX, int gridY, int gridZ, int threads, int sharedBytes) {
    Shape(int gridX, int gridY, int threads, int sharedBytes) {
      this(gridX, gridY, 1, threads, sharedBytes);
    }

    static Shape of(int blocks, int threads, int sharedBytes) {
      return new Shape(blocks, 1, threads, sharedBytes);
    }
  }

  void launch(String kernel, Shape shape, Params params) {
    launch(kernel, shape, params, null);
  }

  void launch(String kernel, Shape shape, Params params, CUstream stream) {
    CUfunction function = new CUfunction();
    check(JCudaDriver.cuModuleGetFunction(function, module, kernel));
    if (shape.sharedBytes > 48 * 1024) {
      check(
          JCudaDriver.cuFuncSetAttribute(
              function,
              CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              shape.sharedBytes));
    }
    NativePointerObject struct = Pointer.to(params.bytes.duplicate().rewind());
    check(
        JCudaDriver.cuLaunchKernel(
            function,
            shape.gridX,
            shape.gridY,
            shape.gridZ,
            shape.threads,
            1,
            1,
            shape.sharedBytes,
            stream,
            Pointer.to(struct),
            null));
  }

  void synchronize() {
    check(JCudaDriver.cuCtxSynchronize());
  }
}
