package io.github.gptoss.engine.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Page-locked host memory, which copies to and from a device can use while the host goes on. */
final class PinnedMemory implements AutoCloseable {
  private final CudaDevice device;
  private final Pointer pointer = new Pointer();
  private final ByteBuffer bytes;

  PinnedMemory(CudaDevice device, int byteCount) {
    this.device = device;
    device.use();
    int result = JCudaDriver.cuMemAllocHost(pointer, byteCount);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw CudaErrors.noPinnedMemory(byteCount);
    }
    device.check(result);
    bytes = pointer.getByteBuffer(0, byteCount).order(ByteOrder.nativeOrder());
  }

  Pointer pointer() {
    return pointer;
  }

  Pointer pointer(long fromByte) {
    return pointer.withByteOffset(fromByte);
  }

  /** All of it, in the machine's byte order. Invalid after {@link #close}. */
  ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public void close() {
    device.use();
    JCudaDriver.cuMemFreeHost(pointer); // of a lost context, fails, and nothing is left to do
  }
}
