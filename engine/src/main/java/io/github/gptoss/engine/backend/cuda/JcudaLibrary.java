package io.github.gptoss.engine.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jcuda.driver.JCudaDriver;

/**
 * Loads JCuda's native library once a JVM. JCuda itself extracts it to a fixed name in {@code
 * java.io.tmpdir}, where two executors that start together can meet half a file; so it finds a
 * whole one in a folder of this process's own.
 */
final class JcudaLibrary {
  private static final String FILE = "libJCudaDriver-12.6.0-linux-x86_64.so";

  private static boolean loaded;

  private JcudaLibrary() {}

  /** Fails without a driver, and on a platform that JCuda has no library for. */
  static synchronized void load() {
    if (loaded) {
      return;
    }
    String before = System.getProperty("java.io.tmpdir");
    try {
      Path folder = Files.createTempDirectory("gptoss-jcuda");
      folder.toFile().deleteOnExit();
      Path library = folder.resolve(FILE);
      library.toFile().deleteOnExit(); // files go before their folder: the last registered first
      try (InputStream in = JCudaDriver.class.getResourceAsStream("/lib/" + FILE)) {
        if (in == null) {
          throw CudaErrors.noLibrary(FILE);
        }
        Files.copy(in, library);
      }
      System.setProperty("java.io.tmpdir", folder.toString());
      JCudaDriver.setExceptionsEnabled(false);
      loaded = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (UnsatisfiedLinkError e) {
      throw CudaErrors.noDriver(e);
    } catch (NoClassDefFoundError e) {
      // Of a class that is there, it is what every use after a failed first one comes to.
      throw String.valueOf(e.getMessage()).startsWith("Could not initialize class")
          ? CudaErrors.noDriver(e)
          : CudaErrors.incompleteJar(e);
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
  }
}
