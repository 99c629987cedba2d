package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The fatbin that nvcc made holds, for each target, the kernels that the emulator runs. */
class FatbinTest {
  /** Architectures in the file names of nvcc: sm_90a is 90 in a cubin's flags. */
  private static final Set<Integer> TARGETS = Set.of(80, 90, 100, 120);

  private static byte[] fatbin;

  @BeforeAll
  static void readFatbin() throws IOException {
    GpuTests.requireEmulator();
    try (InputStream in =
        FatbinTest.class.getResourceAsStream(
            "/io/github/gptoss/engine/backend/cuda/kernels.fatbin")) {
      assertThat(in)
          .as("the build puts a fatbin, or why it has none, beside the classes")
          .isNotNull();
      fatbin = in.readAllBytes();
    }
    String start = new String(fatbin, 0, Math.min(fatbin.length, 200), StandardCharsets.ISO_8859_1);
    if (Boolean.getBoolean("require.cuda")) {
      assertThat(start).doesNotStartWith("built without CUDA kernels");
    }
    assumeThat(start).doesNotStartWith("built without CUDA kernels");
  }

  /** Of the emulator's kernels, those that are not its own tests'. */
  private static Set<String> kernelsOfTheEngine() throws IOException {
    Path cuda = GpuEmulator.engineModule().resolve("src/test/cuda-emulator/kernels");
    StringBuilder sources = new StringBuilder();
    try (Stream<Path> files = Files.list(cuda)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".cu")).toList()) {
        sources.append(Files.readString(file));
      }
    }
    Set<String> names =
        new TreeSet<>(Files.readAllLines(GpuEmulator.folder().resolve("kernels.txt")));
    names.removeIf(
        name ->
            name.startsWith("hardware_")
                || sources.toString().matches("(?s).*\\b" + name + "\\(.*"));
    return names;
  }

  /** The kernels of each cubin in the fatbin, which lie there uncompressed, by architecture. */
  private static Map<Integer, Set<String>> kernelsByTarget() {
    Map<Integer, Set<String>> found = new TreeMap<>();
    ByteBuffer file = ByteBuffer.wrap(fatbin).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at + 64 <= fatbin.length; at += 8) {
      if (file.getInt(at) == 0x464C457F) {
        ByteBuffer elf = file.slice(at, fatbin.length - at).order(ByteOrder.LITTLE_ENDIAN);
        found.put(architecture(elf), kernels(elf));
      }
    }
    return found;
  }

  /**
   * EF_CUDA_SM of the ELF header's flags: bits 0 to 7 until ABI version 7, 8 to 15 from then on.
   */
  private static int architecture(ByteBuffer elf) {
    int flags = elf.getInt(48);
    return elf.get(8) >= 8 ? flags >> 8 & 0xff : flags & 0xff;
  }

  /** A cubin has one section {@code .text.NAME} for each kernel. */
  private static Set<String> kernels(ByteBuffer elf) {
    int headers = (int) elf.getLong(40);
    int headerBytes = elf.getShort(58);
    int names = (int) elf.getLong(headers + elf.getShort(62) * headerBytes + 24);
    List<String> sections = new ArrayList<>();
    for (int i = 0; i < elf.getShort(60); i++) {
      int name = names + elf.getInt(headers + i * headerBytes);
      int end = name;
      while (elf.get(end) != 0) {
        end++;
      }
      byte[] text = new byte[end - name];
      elf.get(name, text);
      sections.add(new String(text, StandardCharsets.US_ASCII));
    }
    Set<String> kernels = new TreeSet<>();
    for (String section : sections) {
      if (section.startsWith(".text.")) {
        kernels.add(section.substring(".text.".length()));
      }
    }
    return kernels;
  }

  @Test
  void holdsEveryTarget() {
    assertThat(kernelsByTarget().keySet()).isEqualTo(TARGETS);
    assertThat(new String(fatbin, StandardCharsets.ISO_8859_1)).contains(".target sm_90");
  }

  @Test
  void holdsTheKernelsThatTheEmulatorRuns() throws IOException {
    Set<String> emulated = kernelsOfTheEngine();
    assertThat(emulated).contains("rms_norm");
    Set<String> compiled = new TreeSet<>();
    kernelsByTarget().values().forEach(compiled::addAll);
    assertThat(compiled).isEqualTo(emulated);
  }
}
