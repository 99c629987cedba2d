/**
 * The CPU backend. The only package that may use {@code jdk.incubator.vector}; where that module or
 * the CPU does not serve, {@link io.github.gptoss.engine.backend.cpu.ScalarKernels} gives the same
 * bits, slowly.
 */
package io.github.gptoss.engine.backend.cpu;
