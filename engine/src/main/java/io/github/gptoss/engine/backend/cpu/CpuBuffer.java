package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.backend.Buffer;

/** Activations on the heap: data [rows, width] float32, row-major. */
record CpuBuffer(float[] data, int rows, int width) implements Buffer {
  static CpuBuffer of(Buffer buffer) {
    return (CpuBuffer) buffer;
  }

  static CpuBuffer allocate(int rows, int width) {
    return new CpuBuffer(new float[Math.multiplyExact(rows, width)], rows, width);
  }
}
