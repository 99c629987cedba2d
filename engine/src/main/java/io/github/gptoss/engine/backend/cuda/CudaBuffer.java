package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Buffer;

/** Activations: the same room on every stage's device, of which one has the current content. */
final class CudaBuffer implements Buffer {
  private final int rows;
  private final int width;
  private final int elementBytes;
  private final DeviceMemory[] memory; // [stages]
  private int stage;

  /** Elements of 2 bytes are bfloat16, of 4 float32; memory is null where a stage never has it. */
  CudaBuffer(int rows, int width, int elementBytes, DeviceMemory[] memory) {
    this.rows = rows;
    this.width = width;
    this.elementBytes = elementBytes;
    this.memory = memory;
  }

  static CudaBuffer of(Buffer buffer) {
    return (CudaBuffer) buffer;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int width() {
    return width;
  }

  int elementBytes() {
    return elementBytes;
  }

  long rowBytes() {
    return (long) width * elementBytes;
  }

  DeviceMemory on(int which) {
    return memory[which];
  }

  /** The stage that has the current content. */
  int stage() {
    return stage;
  }

  void moveTo(int which) {
    stage = which;
  }
}
