package io.github.gptoss.engine.backend.cuda.emulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Puts the emulated driver in the place of NVIDIA's in this JVM. Once a JVM: a process has one CUDA
 * driver.
 *
 * <p>A JVM that is started with the environment variable {@code LD_LIBRARY_PATH} set to {@link
 * #folder()} uses the emulator without a call here, as Spark's executors do; {@code CUDA_EMULATOR}
 * then describes the machine, in the words of {@link EmulatedMachine#toString()}.
 */
public final class GpuEmulator {
  private static final String JCUDA_LIBRARY = "libJCudaDriver-12.6.0-linux-x86_64.so";

  private static Path folder;
  private static String unavailable;

  private GpuEmulator() {}

  /**
   * Builds the emulator if its sources have changed, and loads it.
   *
   * @throws EmulatorUnavailableException where this machine cannot have it, with the reason
   * @throws IllegalStateException if it does not compile; the text is the compiler's
   */
  public static synchronized void install() throws EmulatorUnavailableException {
    if (unavailable != null) {
      throw new EmulatorUnavailableException(unavailable);
    }
    if (folder == null) {
      try {
        folder = load();
      } catch (EmulatorUnavailableException e) {
        unavailable = e.getMessage();
        throw e;
      }
    }
  }

  /** Where libcuda.so.1 and JCuda's library lie; the emulator has to be installed. */
  public static synchronized Path folder() {
    if (folder == null) {
      throw new IllegalStateException("GpuEmulator.install() comes first");
    }
    return folder;
  }

  private static Path load() throws EmulatorUnavailableException {
    EmulatorBuild build = EmulatorBuild.ofThisCheckout();
    // Forks of one build share the files; the lock is held until they are mapped.
    try (FileChannel channel =
        FileChannel.open(build.lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock(); // released with the channel
      Path built = build.run();
      System.load(built.resolve("libcuda.so.1").toString());
      loadJcuda(built);
      return built;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * JCuda extracts its library to one fixed name in java.io.tmpdir, where two JVMs that start
   * together can meet half a file; so it finds a whole one there, in a folder of our own.
   */
  private static void loadJcuda(Path built) throws IOException {
    Path library = built.resolve(JCUDA_LIBRARY);
    if (Files.notExists(library)) {
      Path part = Files.createTempFile(built, "jcuda", ".part");
      try (InputStream in = JCudaDriver.class.getResourceAsStream("/lib/" + JCUDA_LIBRARY)) {
        if (in == null) {
          throw new IllegalStateException("no " + JCUDA_LIBRARY + " on the class path");
        }
        Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.move(part, library, StandardCopyOption.ATOMIC_MOVE);
    }
    String before = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", built.toString());
    try {
      int result = JCudaDriver.cuInit(0);
      if (result != CUresult.CUDA_SUCCESS) {
        throw new IllegalStateException(
            "the GPU emulator does not start: " + CUresult.stringFor(result));
      }
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
  }

  /** The engine module's folder, found from where this class was compiled to. */
  static Path engineModule() {
    try {
      Path classes =
          Path.of(GpuEmulator.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return classes.getParent().getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
