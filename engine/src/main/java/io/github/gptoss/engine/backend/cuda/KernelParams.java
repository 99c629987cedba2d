package io.github.gptoss.engine.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.NativePointerObject;
import jcuda.Pointer;

/**
 * The one parameter struct of a kernel, laid out as C++ does: pointers at multiples of 8. Launching
 * copies it, so one struct serves all launches of a kernel.
 */
final class KernelParams {
  private static final int CAPACITY_BYTES = 512;

  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(CAPACITY_BYTES).order(ByteOrder.nativeOrder());
  private final Pointer list = Pointer.to(new NativePointerObject[] {Pointer.to(bytes)});

  /** Starts another struct. */
  KernelParams clear() {
    bytes.clear();
    return this;
  }

  /** A pointer; null becomes a null pointer. */
  KernelParams put(DeviceMemory memory) {
    return put(memory == null ? 0 : memory.address());
  }

  /** Pointers, one after the other. */
  KernelParams put(DeviceMemory... memories) {
    for (DeviceMemory memory : memories) {
      put(memory);
    }
    return this;
  }

  KernelParams put(long value) {
    bytes.position((bytes.position() + 7) & -8).putLong(value);
    return this;
  }

  KernelParams put(int value) {
    bytes.putInt(value);
    return this;
  }

  KernelParams put(int... values) {
    for (int value : values) {
      put(value);
    }
    return this;
  }

  KernelParams put(float value) {
    bytes.putFloat(value);
    return this;
  }

  /** For cuLaunchKernel: an array of one pointer, to the struct. */
  Pointer list() {
    return list;
  }
}
