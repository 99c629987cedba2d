/**
 * The test-only emulator of the CUDA driver: builds it, loads it before JCuda, and sets up the
 * machine that it emulates. Its C++ sources and their README are in engine/src/test/cuda-emulator.
 */
package io.github.gptoss.engine.backend.cuda.emulator;
