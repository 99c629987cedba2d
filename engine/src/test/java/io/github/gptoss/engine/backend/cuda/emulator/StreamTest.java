package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.CudaException;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Shape;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Streams, events and graphs of the emulated driver. In deferred mode work runs as late as CUDA's
 * rules allow, so that a missing synchronisation shows as old data.
 */
class StreamTest {
  private static final int COUNT = 64;
  private static final Shape ONE_BLOCK = Shape.of(1, COUNT, 0);

  @BeforeAll
  static void requireEmulator() {
    GpuTests.requireEmulator();
  }

  private static Driver start(EmulatedMachine machine) {
    machine.quiet().start();
    return new Driver(0);
  }

  private static CUstream stream(int flags) {
    CUstream stream = new CUstream();
    Driver.check(JCudaDriver.cuStreamCreate(stream, flags));
    return stream;
  }

  private static CUstream independentStream() {
    return stream(CUstream_flags.CU_STREAM_NON_BLOCKING);
  }

  private static FloatBuffer pinned(Pointer pointer) {
    return pointer.getByteBuffer(0, 4 * COUNT).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private static Pointer allocatePinned() {
    Pointer pointer = new Pointer();
    Driver.check(JCudaDriver.cuMemAllocHost(pointer, 4 * COUNT));
    return pointer;
  }

  /** out = in + 1, on the stream. */
  private static void addOne(Driver driver, Memory in, Memory out, CUstream stream) {
    driver.launch("reads_unwritten", ONE_BLOCK, new Params().put(in).put(out).put(0), stream);
  }

  @Test
  void hostThatDoesNotWaitFindsOldData() {
    Driver driver = start(EmulatedMachine.fast().deferred());
    Memory in = driver.upload(new float[COUNT]);
    Memory out = driver.allocate(4 * COUNT);
    Pointer host = allocatePinned();
    CUstream stream = independentStream();
    addOne(driver, in, out, stream);
    Driver.check(JCudaDriver.cuMemcpyDtoHAsync(host, out, 4 * COUNT, stream));
    assertThat(pinned(host).get(0)).isNaN();
    Driver.check(JCudaDriver.cuStreamSynchronize(stream));
    assertThat(pinned(host).get(0)).isEqualTo(1);
  }

  @Test
  void hostThatReusesItsStagingTooEarlySpoilsTheCopy() {
    Driver driver = start(EmulatedMachine.fast().deferred());
    Memory memory = driver.allocate(4 * COUNT);
    Pointer host = allocatePinned();
    pinned(host).put(0, 1);
    CUstream stream = independentStream();
    Driver.check(JCudaDriver.cuMemcpyHtoDAsync(memory, host, 4 * COUNT, stream));
    pinned(host).put(0, 2);
    Driver.check(JCudaDriver.cuStreamSynchronize(stream));
    assertThat(driver.downloadFloats(memory, 1)[0]).isEqualTo(2);
  }

  /** A stream that does not wait for another's reader overwrites what that reads, at some seed. */
  @Test
  void streamsThatDoNotWaitForReadersSpoilWhatTheyRead() {
    boolean spoilt = false;
    for (int seed = 0; seed < 20 && !spoilt; seed++) {
      Driver driver = start(EmulatedMachine.fast().order(Order.RANDOM, seed).deferred());
      Memory in = driver.upload(new float[COUNT]);
      Memory shared = driver.upload(new float[COUNT]);
      Memory out = driver.allocate(4 * COUNT);
      CUstream reader = independentStream();
      CUstream writer = independentStream();
      addOne(driver, shared, out, reader);
      addOne(driver, in, shared, writer);
      Driver.check(JCudaDriver.cuStreamSynchronize(writer));
      Driver.check(JCudaDriver.cuStreamSynchronize(reader));
      spoilt = driver.downloadFloats(out, 1)[0] == 2;
    }
    assertThat(spoilt).isTrue();
  }

  @Test
  void streamsThatDoNotWaitForEachOtherFindOldData() {
    Driver driver = start(EmulatedMachine.checked().deferred());
    Memory in = driver.upload(new float[COUNT]);
    Memory middle = driver.allocate(4 * COUNT);
    Memory out = driver.allocate(4 * COUNT);
    CUstream first = independentStream();
    CUstream second = independentStream();
    addOne(driver, in, middle, first);
    addOne(driver, middle, out, second);
    assertThat(
            catchThrowableOfType(
                CudaException.class, () -> Driver.check(JCudaDriver.cuStreamSynchronize(second))))
        .hasMessageContaining("nobody wrote");
  }

  @Test
  void eventsOrderStreams() {
    Driver driver = start(EmulatedMachine.checked().deferred());
    Memory in = driver.upload(new float[COUNT]);
    Memory middle = driver.allocate(4 * COUNT);
    Memory out = driver.allocate(4 * COUNT);
    CUstream first = independentStream();
    CUstream second = independentStream();
    CUevent done = new CUevent();
    Driver.check(JCudaDriver.cuEventCreate(done, 0));
    addOne(driver, in, middle, first);
    Driver.check(JCudaDriver.cuEventRecord(done, first));
    assertThat(JCudaDriver.cuEventQuery(done)).isEqualTo(CUresult.CUDA_ERROR_NOT_READY);
    Driver.check(JCudaDriver.cuStreamWaitEvent(second, done, 0));
    addOne(driver, middle, out, second);
    Driver.check(JCudaDriver.cuStreamSynchronize(second));
    assertThat(driver.downloadFloats(out, 1)[0]).isEqualTo(2);
    assertThat(JCudaDriver.cuEventQuery(done)).isEqualTo(CUresult.CUDA_SUCCESS);
  }

  @Test
  void pollingHostsMakeProgress() {
    Driver driver = start(EmulatedMachine.fast().deferred());
    Memory in = driver.upload(new float[COUNT]);
    CUstream stream = independentStream();
    for (int i = 0; i < 3; i++) {
      addOne(driver, in, in, stream);
    }
    int polls = 0;
    while (JCudaDriver.cuStreamQuery(stream) == CUresult.CUDA_ERROR_NOT_READY) {
      polls++;
    }
    assertThat(polls).isEqualTo(3);
    assertThat(driver.downloadFloats(in, 1)[0]).isEqualTo(3);
  }

  @Test
  void defaultStreamWaitsForBlockingStreamsOnly() {
    Driver driver = start(EmulatedMachine.fast().deferred());
    Memory blocking = driver.upload(new float[COUNT]);
    Memory independent = driver.upload(new float[COUNT]);
    addOne(driver, blocking, blocking, stream(CUstream_flags.CU_STREAM_DEFAULT));
    addOne(driver, independent, independent, independentStream());
    assertThat(driver.downloadFloats(blocking, 1)[0]).isEqualTo(1);
    assertThat(driver.downloadFloats(independent, 1)[0]).isEqualTo(0);
    driver.synchronize();
    assertThat(driver.downloadFloats(independent, 1)[0]).isEqualTo(1);
  }

  @Test
  void replaysCapturedGraphs() {
    Driver driver = start(EmulatedMachine.checked());
    Memory memory = driver.upload(new float[COUNT]);
    CUstream stream = independentStream();
    Driver.check(
        JCudaDriver.cuStreamBeginCapture(
            stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    addOne(driver, memory, memory, stream);
    addOne(driver, memory, memory, stream);
    CUgraph graph = new CUgraph();
    Driver.check(JCudaDriver.cuStreamEndCapture(stream, graph));
    assertThat(driver.downloadFloats(memory, 1)[0]).as("captured, not run").isEqualTo(0);
    CUgraphExec exec = new CUgraphExec();
    Driver.check(JCudaDriver.cuGraphInstantiate(exec, graph, 0));
    for (int i = 0; i < 3; i++) {
      Driver.check(JCudaDriver.cuGraphLaunch(exec, stream));
    }
    Driver.check(JCudaDriver.cuStreamSynchronize(stream));
    assertThat(driver.downloadFloats(memory, 1)[0]).isEqualTo(6);
    Driver.check(JCudaDriver.cuGraphExecDestroy(exec));
    Driver.check(JCudaDriver.cuGraphDestroy(graph));
  }

  @Test
  void copiesBetweenDevices() {
    Driver first = start(EmulatedMachine.checked().devices(16, 16).deferred());
    Memory here = first.upload(new float[COUNT]);
    Driver second = new Driver(1);
    Memory there = second.allocate(4 * COUNT);
    first.makeCurrent();
    addOne(first, here, here, null);
    Driver.check(
        JCudaDriver.cuMemcpyPeerAsync(
            there, second.context(), here, first.context(), 4 * COUNT, null));
    first.synchronize();
    second.makeCurrent();
    addOne(second, there, there, null);
    assertThat(second.downloadFloats(there, 1)[0]).isEqualTo(2);
  }

  @Test
  void refusesHandlesOfAnotherContext() {
    Driver first = start(EmulatedMachine.fast().devices(16, 16));
    CUstream foreign = independentStream();
    Driver second = new Driver(1);
    Memory memory = second.upload(new float[COUNT]);
    assertThat(
            catchThrowableOfType(CudaException.class, () -> addOne(second, memory, memory, foreign))
                .result())
        .isEqualTo(CUresult.CUDA_ERROR_INVALID_HANDLE);
    assertThat(
            catchThrowableOfType(CudaException.class, () -> addOne(first, memory, memory, null))
                .result())
        .isEqualTo(CUresult.CUDA_ERROR_INVALID_HANDLE);
  }
}
