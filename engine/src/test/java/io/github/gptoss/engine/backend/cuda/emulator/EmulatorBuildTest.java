package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the emulator is built, when it cannot be, and how the two are told apart. */
class EmulatorBuildTest {
  private static EmulatorBuild build;

  @TempDir private Path folder;

  @BeforeAll
  static void requireEmulator() throws EmulatorUnavailableException {
    GpuTests.requireEmulator();
    build = EmulatorBuild.ofThisCheckout();
  }

  @Test
  void buildsNothingWhereNothingChanged() throws Exception {
    Path library = GpuEmulator.folder().resolve("libcuda.so.1");
    Object before = Files.getLastModifiedTime(library);
    assertThat(build.run()).isEqualTo(GpuEmulator.folder());
    assertThat(Files.getLastModifiedTime(library)).isEqualTo(before);
  }

  @Test
  void saysThatThereIsNoCompiler() {
    EmulatorBuild without =
        new EmulatorBuild(build.sources(), folder, folder.resolve("g++").toString(), List.of());
    assertThatThrownBy(without::run)
        .isInstanceOf(EmulatorUnavailableException.class)
        .hasMessage(folder.resolve("g++") + " is not installed");
  }

  @Test
  void failsWithTheCompilersWordsWhereAKernelDoesNotCompile() throws Exception {
    Path kernel = folder.resolve("spoiled.cu");
    Files.writeString(
        kernel,
        "#include \"device.cuh\"\nextern \"C\" __global__ void spoiled() { nonsense(); }\n");
    // The objects of the real build are used again; only the spoiled kernel is compiled.
    EmulatorBuild spoiled =
        new EmulatorBuild(build.sources(), build.output(), build.compiler(), List.of(kernel));
    assertThatThrownBy(spoiled::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("does not build", "spoiled.cu:2", "nonsense");
  }
}
