package io.github.gptoss.engine.backend.cpu;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.github.gptoss.engine.error.InvalidConfigException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/** The JVM's limit of off-heap memory, checked before a model is read into it. */
final class DirectMemory {
  private static final long GIB = 1L << 30;

  private DirectMemory() {}

  /** Throws {@link InvalidConfigException} if the limit is below what is needed. */
  static void require(long bytes) {
    long limitBytes = limitBytes();
    if (bytes > limitBytes - usedBytes() && freeUnreachable() && bytes > limitBytes - usedBytes()) {
      throw new InvalidConfigException(
          String.format(
              "the model takes %.1f GiB of off-heap memory, and this JVM allows %.1f GiB: start it"
                  + " with -XX:MaxDirectMemorySize=%dg (in Spark, by spark.driver.extraJavaOptions"
                  + " and spark.executor.extraJavaOptions, with as much memoryOverhead)",
              (double) bytes / GIB, (double) limitBytes / GIB, bytes / GIB + 1));
    }
  }

  /** Buffers of models closed before count until the collector has seen that they are. */
  private static boolean freeUnreachable() {
    System.gc();
    return true;
  }

  private static long limitBytes() {
    String option =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .getVMOption("MaxDirectMemorySize")
            .getValue();
    long bytes = Long.parseLong(option);
    return bytes > 0 ? bytes : Runtime.getRuntime().maxMemory();
  }

  private static long usedBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
