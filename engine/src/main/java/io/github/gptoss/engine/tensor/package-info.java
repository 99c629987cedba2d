/** Tensors as they lie in safetensors files: their types, places and raw bytes. */
package io.github.gptoss.engine.tensor;
