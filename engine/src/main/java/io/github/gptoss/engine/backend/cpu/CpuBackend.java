package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.weights.Checkpoint;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Computes on the cores of this machine, in float32 on weights as they are in the checkpoint. */
public final class CpuBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(CpuBackend.class);

  /** Set to {@code scalar} to run without the Vector API; results are the same. */
  public static final String KERNELS_PROPERTY = "gptoss.cpu.kernels";

  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private static final class Chosen {
    static final Kernels KERNELS = choose();
  }

  private final Workers workers;

  /** Takes so many computing threads; 0 takes all processors that the JVM sees. */
  public CpuBackend(int threads) {
    workers = new Workers(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
  }

  @Override
  public String description() {
    int threads = workers.threads();
    return "cpu: %s, %s thread%s"
        .formatted(Chosen.KERNELS.description(), threads, threads == 1 ? "" : "s");
  }

  @Override
  public LoadedModel load(Checkpoint checkpoint, List<LoraAdapter> adapters) {
    return new CpuModel(checkpoint, adapters, Chosen.KERNELS, workers);
  }

  @Override
  public void close() {
    workers.close();
  }

  private static Kernels choose() {
    String reason = whyScalar();
    if (reason != null) {
      LOG.warn("CPU kernels: scalar, many times slower than vectors: {}", reason);
      return new ScalarKernels();
    }
    Kernels kernels = vectorKernels();
    LOG.info("CPU kernels: {}", kernels.description());
    return kernels;
  }

  private static String whyScalar() {
    if ("scalar".equals(System.getProperty(KERNELS_PROPERTY))) {
      return "-D" + KERNELS_PROPERTY + "=scalar asks for them";
    }
    if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
      return "this JVM was started without --add-modules="
          + VECTOR_MODULE
          + ": add it to the Java options (in Spark, spark.driver.extraJavaOptions and"
          + " spark.executor.extraJavaOptions)";
    }
    String unsupported = Lanes.unsupported();
    return unsupported == null ? null : "this CPU cannot run the vector kernels: " + unsupported;
  }

  /** Apart from {@link #choose}, so that a JVM without the module never links the class. */
  private static Kernels vectorKernels() {
    return new VectorKernels();
  }
}
