package io.github.gptoss.engine.backend.cuda;

import jcuda.driver.CUdeviceptr;

/** A range of a device's memory. Freed by its {@link CudaDevice}. */
final class DeviceMemory extends CUdeviceptr {
  private final long bytes;

  /** For the driver to fill in. */
  DeviceMemory(long bytes) {
    this.bytes = bytes;
  }

  private DeviceMemory(DeviceMemory whole, long fromByte, long bytes) {
    super(whole, fromByte);
    this.bytes = bytes;
  }

  /** What a kernel's parameter struct holds. */
  long address() {
    return getNativePointer() + getByteOffset();
  }

  long bytes() {
    return bytes;
  }

  /** A part of this range; shares its memory. */
  DeviceMemory slice(long fromByte, long byteCount) {
    if (fromByte < 0 || byteCount < 0 || fromByte + byteCount > bytes) {
      throw new IndexOutOfBoundsException(
          "bytes [" + fromByte + ", +" + byteCount + ") of " + bytes);
    }
    return new DeviceMemory(this, fromByte, byteCount);
  }
}
