package io.github.gptoss.engine.backend;

/** Activations on a device, [rows, width] float32 or bfloat16: only its backend looks inside. */
public interface Buffer {
  int rows();

  int width();
}
