package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

class ShadedJarIT {
  private static final String DATA_SOURCES =
      "META-INF/services/org.apache.spark.sql.sources.DataSourceRegister";

  @Test
  void holdsTheConnectorTheEngineAndNothingThatSparkBrings() throws IOException {
    List<String> strangers = new ArrayList<>();
    try (JarFile jar = new JarFile(Sessions.connectorJar())) {
      for (JarEntry entry : jar.stream().toList()) {
        String name = entry.getName();
        boolean ours =
            name.startsWith("io/github/gptoss/spark/")
                || name.startsWith("io/github/gptoss/engine/")
                || name.startsWith("io/github/gptoss/shaded/jtokkit/")
                || name.startsWith("io/github/gptoss/shaded/re2j/")
                || name.startsWith("jcuda/")
                || name.matches("lib/libJCudaDriver-[^/]*")
                || name.equals("META-INF/MANIFEST.MF")
                || name.equals("META-INF/LICENSE")
                || name.equals("META-INF/NOTICE")
                || name.equals("META-INF/gptoss.properties")
                || name.equals(DATA_SOURCES);
        if (!ours && !entry.isDirectory()) {
          strangers.add(name);
        }
      }
      assertThat(jar.getEntry("io/github/gptoss/spark/GptOssJob.class")).isNotNull();
      assertThat(jar.getEntry("io/github/gptoss/engine/GptOssEngine.class")).isNotNull();
      assertThat(jar.getEntry(DATA_SOURCES)).isNotNull();
      assertThat(jar.getEntry("jcuda/driver/JCudaDriver.class")).isNotNull();
      assertThat(jar.getEntry("io/github/gptoss/engine/backend/cuda/kernels.fatbin")).isNotNull();
    }
    assertThat(strangers).isEmpty();
  }
}
