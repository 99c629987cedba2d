package io.github.gptoss.engine.backend.cuda;

/** A dense matrix [rows, width] in fragment order, and its bias [rows] float32, or null. */
record Linear(DeviceMemory weights, DeviceMemory bias, int rows, int width) {}
