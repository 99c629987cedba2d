package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.CudaException;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Shape;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels with one mistake each (kernels/broken.cu): each is found, and named, in every order. */
class BrokenKernelsTest {
  private static final int COUNT = 256;

  /** A mistake: what runs, how, and what the finding has to say. */
  private record Mistake(String kernel, Shape shape, int count, int result, String... says) {}

  private static final int ILLEGAL = CUresult.CUDA_ERROR_ILLEGAL_ADDRESS;
  private static final int MISALIGNED = CUresult.CUDA_ERROR_MISALIGNED_ADDRESS;
  private static final int FAILED = CUresult.CUDA_ERROR_LAUNCH_FAILED;
  private static final int UNSUPPORTED = CUresult.CUDA_ERROR_NOT_SUPPORTED;

  private static final Mistake[] MISTAKES = {
    new Mistake(
        "writes_past_the_end",
        Shape.of(3, 128, 0),
        COUNT,
        ILLEGAL,
        "4-byte write, 0 bytes past the end of allocation 2 (1024 bytes, memory of device 0)",
        "block (2,0,0), thread (0,0,0)"),
    new Mistake("reads_far_away", Shape.of(1, 32, 0), COUNT, ILLEGAL, "no device memory"),
    new Mistake("reads_misaligned", Shape.of(1, 32, 0), COUNT, MISALIGNED, "misaligned"),
    new Mistake(
        "reverses_without_syncthreads", Shape.of(1, 128, 512), COUNT, FAILED, "races", "shared"),
    new Mistake("overwrites_what_others_read", Shape.of(1, 128, 512), 2, FAILED, "races", "shared"),
    new Mistake("swaps_without_syncwarp", Shape.of(1, 32, 0), COUNT, FAILED, "races", "static"),
    new Mistake("blocks_write_one_place", Shape.of(2, 32, 0), COUNT, FAILED, "races", "of block"),
    new Mistake(
        "runs_over_shared_memory",
        Shape.of(1, 128, 512),
        COUNT,
        ILLEGAL,
        "offset 512 of 512 bytes of dynamic shared memory",
        "thread (127,0,0)"),
    new Mistake(
        "reads_unwritten_shared",
        Shape.of(1, 128, 512),
        COUNT,
        FAILED,
        "nobody wrote",
        "thread (0,0,0)"),
    new Mistake(
        "does_not_wait_for_copy", Shape.of(1, 32, 512), COUNT, FAILED, "has not been waited for"),
    new Mistake("copies_misaligned", Shape.of(1, 32, 512), COUNT, MISALIGNED, "cp.async"),
    new Mistake(
        "does_not_wait_for_bulk_copy",
        Shape.of(1, 32, 128),
        COUNT,
        FAILED,
        "has not been waited for"),
    new Mistake(
        "reads_in_bulk_without_proxy_fence",
        Shape.of(1, 32, 128),
        COUNT,
        FAILED,
        "reads what thread 0 wrote by ordinary stores",
        "no proxy fence"),
    new Mistake(
        "overwrites_in_bulk_without_proxy_fence",
        Shape.of(1, 32, 128),
        COUNT,
        FAILED,
        "overwrites what thread 0 wrote to offset 0 of dynamic shared memory by ordinary stores",
        "no proxy fence"),
    new Mistake(
        "reads_in_bulk_without_barrier",
        Shape.of(1, 32, 128),
        COUNT,
        FAILED,
        "races",
        "memory of device 0"),
    new Mistake(
        "overwrites_in_bulk_without_barrier",
        Shape.of(1, 32, 128),
        COUNT,
        FAILED,
        "dynamic shared memory"),
    new Mistake(
        "overwrites_in_bulk_what_others_read",
        Shape.of(1, 64, 256),
        COUNT,
        FAILED,
        "dynamic shared memory"),
    new Mistake(
        "counts_on_unfenced_barrier",
        Shape.of(1, 32, 128),
        COUNT,
        FAILED,
        "mbarrier that thread 0 initialised",
        "no proxy fence"),
    wgmma("multiplies_without_wgmma_fence", FAILED, "no wgmma.fence before the first wgmma"),
    wgmma(
        "loads_registers_without_wgmma_fence",
        FAILED,
        "were written, with no wgmma.fence in between"),
    wgmma(
        "does_not_commit_its_wgmma",
        FAILED,
        "exits while a wgmma is under way",
        "no wgmma.commit_group"),
    wgmma(
        "does_not_wait_for_its_wgmma",
        FAILED,
        "exits while a wgmma is under way",
        "no wgmma.wait_group"),
    wgmma(
        "reads_sums_of_wgmma_early",
        FAILED,
        "read of registers of a wgmma that has not been waited for"),
    wgmma(
        "overwrites_registers_of_wgmma",
        FAILED,
        "of registers of a wgmma that has not been waited for"),
    wgmma(
        "overwrites_memory_of_wgmma",
        FAILED,
        "of dynamic shared memory, which a wgmma under way reads"),
    wgmma(
        "multiplies_without_proxy_fence",
        FAILED,
        "a wgmma reads what thread 0 wrote to offset",
        "no proxy fence"),
    wgmma("multiplies_misaligned", MISALIGNED, "does not begin at a multiple of 1024 bytes"),
    wgmma("multiplies_by_another_swizzle", UNSUPPORTED, "another swizzle than 128 bytes"),
    wgmma(
        "multiplies_what_a_bulk_copy_still_brings",
        FAILED,
        "an asynchronous copy by thread 0 has not been waited for"),
    wgmma("multiplies_by_different_matrices", FAILED, "different wgmma descriptors"),
    wgmma("three_warps_multiply", FAILED, "deadlock", "wgmma.mma_async"),
    new Mistake(
        "some_skip_the_barrier", Shape.of(1, 64, 0), COUNT, FAILED, "deadlock", "a shuffle"),
    new Mistake("polls_for_ever", Shape.of(1, 32, 0), COUNT, FAILED, "poll for what does not come"),
    new Mistake("warp_diverges", Shape.of(1, 32, 0), COUNT, FAILED, "diverged", "a vote"),
    new Mistake("recurses_for_ever", Shape.of(1, 32, 0), COUNT, ILLEGAL, "stack overflowed"),
  };

  private static Mistake wgmma(String kernel, int result, String... says) {
    return new Mistake(kernel, Shape.of(1, 128, 2048), COUNT, result, says);
  }

  static Stream<Arguments> mistakes() {
    return Arrays.stream(Order.values())
        .flatMap(order -> Arrays.stream(MISTAKES).map(m -> arguments(m.kernel, order, m)));
  }

  @BeforeAll
  static void requireEmulator() {
    GpuTests.requireEmulator();
  }

  private static CudaException run(Mistake mistake, EmulatedMachine machine) {
    machine.quiet().start();
    Driver driver = new Driver(0);
    Memory in = driver.upload(new float[COUNT]);
    Memory out = driver.upload(new float[COUNT]);
    return catchThrowableOfType(
        CudaException.class,
        () -> {
          driver.launch(
              mistake.kernel, mistake.shape, new Params().put(in).put(out).put(mistake.count));
          driver.synchronize();
        });
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("mistakes")
  void findsAndNames(String kernel, Order order, Mistake mistake) {
    EmulatedMachine machine = EmulatedMachine.checked().order(order, 7);
    boolean race = List.of(mistake.says).contains("races");
    CudaException found = run(mistake, race ? machine.withoutUninitialised() : machine);
    assertThat(found).as(kernel).isNotNull();
    assertThat(found.result()).isEqualTo(mistake.result);
    assertThat(found)
        .hasMessageContainingAll("kernel " + kernel)
        .hasMessageContainingAll(mistake.says);
  }

  @Test
  void namesTheLineOfTheKernelFile() {
    assertThat(run(MISTAKES[0], EmulatedMachine.checked()))
        .hasMessageMatching(".* at broken\\.cu:12");
  }

  @ParameterizedTest
  @MethodSource("unwritten")
  void findsReadsOfWhatNobodyWrote(Order order) {
    EmulatedMachine.checked().quiet().order(order, 3).start();
    Driver driver = new Driver(0);
    Memory in = driver.allocate(1024);
    Memory out = driver.allocate(1024);
    assertThat(
            catchThrowableOfType(
                CudaException.class,
                () ->
                    driver.launch(
                        "reads_unwritten",
                        Shape.of(1, 32, 0),
                        new Params().put(in).put(out).put(COUNT))))
        .hasMessageContainingAll("4-byte read", "allocation 1 (1024 bytes", "nobody wrote");
  }

  static Order[] unwritten() {
    return Order.values();
  }

  @Test
  void findsReadsOfFreedMemory() {
    EmulatedMachine.checked().quiet().start();
    Driver driver = new Driver(0);
    Memory in = driver.upload(new float[COUNT]);
    Memory out = driver.upload(new float[COUNT]);
    Driver.check(JCudaDriver.cuMemFree(in));
    assertThat(
            catchThrowableOfType(
                CudaException.class,
                () ->
                    driver.launch(
                        "reads_unwritten",
                        Shape.of(1, 32, 0),
                        new Params().put(in).put(out).put(COUNT))))
        .hasMessageContainingAll("read at offset", "freed memory of device 0");
  }

  @Test
  void findsMemoryOfAnotherDevice() {
    EmulatedMachine.checked().quiet().devices(16, 16).start();
    Memory foreign = new Driver(1).upload(new float[COUNT]);
    Driver driver = new Driver(0);
    Memory out = driver.upload(new float[COUNT]);
    assertThat(
            catchThrowableOfType(
                CudaException.class,
                () ->
                    driver.launch(
                        "reads_unwritten",
                        Shape.of(1, 32, 0),
                        new Params().put(foreign).put(out).put(COUNT))))
        .hasMessageContainingAll("memory of device 1", "from a kernel on device 0");
  }

  @Test
  void fastBuildStopsAtGuardPagesAndSurvives() {
    CudaException found = run(MISTAKES[0], EmulatedMachine.fast());
    assertThat(found).hasMessageContainingAll("fault at address", "kernel writes_past_the_end");
    EmulatedMachine.fast().start();
    Driver driver = new Driver(0);
    Memory out = driver.upload(new float[COUNT]);
    driver.launch(
        "writes_past_the_end", Shape.of(1, 128, 0), new Params().put(0L).put(out).put(127));
    assertThat(driver.downloadFloats(out, 128)[127]).isEqualTo(127);
  }

  @Test
  void fastBuildSeesWritesPastTheEndWhenMemoryIsFreed() {
    EmulatedMachine.fast().quiet().start();
    Driver driver = new Driver(0);
    Memory out = driver.allocate(1000);
    driver.launch(
        "writes_past_the_end", Shape.of(2, 128, 0), new Params().put(0L).put(out).put(250));
    assertThat(
            catchThrowableOfType(
                CudaException.class, () -> Driver.check(JCudaDriver.cuMemFree(out))))
        .hasMessageContainingAll("0 bytes past the end of allocation 1 (1000 bytes");
  }

  @Test
  void faultKillsItsContextOnly() {
    EmulatedMachine.checked().quiet().devices(16, 16).start();
    Driver broken = new Driver(0);
    Driver sound = new Driver(1);
    broken.makeCurrent();
    Memory out = broken.upload(new float[COUNT]);
    Params params = new Params().put(out).put(out).put(COUNT);
    assertThat(
            catchThrowableOfType(
                CudaException.class,
                () -> broken.launch("writes_past_the_end", Shape.of(3, 128, 0), params)))
        .isNotNull();
    assertThat(catchThrowableOfType(CudaException.class, broken::synchronize).result())
        .isEqualTo(ILLEGAL);
    sound.makeCurrent();
    Memory good = sound.upload(1f, 2f);
    assertThat(sound.downloadFloats(good, 2)).containsExactly(1f, 2f);
  }
}
