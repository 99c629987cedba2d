package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What JCuda's library imports has a body in the emulator, if only one that says "not supported".
 */
class JcudaImportsTest {
  @BeforeAll
  static void requireEmulator() {
    GpuTests.requireEmulator();
  }

  private static Set<String> symbols(String kind, String library) throws Exception {
    Path file = GpuEmulator.folder().resolve(library);
    Process nm = new ProcessBuilder("nm", "-D", kind, file.toString()).start();
    String out = new String(nm.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(nm.waitFor()).isZero();
    return out.lines()
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .filter(name -> name.matches("cu[A-Z]\\w*"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void eachImportHasABody() throws Exception {
    Set<String> imports = symbols("--undefined-only", "libJCudaDriver-12.6.0-linux-x86_64.so");
    assertThat(imports).hasSizeGreaterThan(300);
    assertThat(symbols("--defined-only", "libcuda.so.1")).containsAll(imports);
    assertThat(
            Files.readAllLines(
                GpuEmulator.engineModule().resolve("src/test/cuda-emulator/imports.txt")))
        .filteredOn(line -> !line.startsWith("#"))
        .containsExactlyElementsOf(imports);
  }
}
