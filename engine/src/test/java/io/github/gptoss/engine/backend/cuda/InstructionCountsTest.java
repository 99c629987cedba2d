package io.github.gptoss.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** gpu/instructions.py counts what a listing of known shape holds. */
class InstructionCountsTest {
  private static final Path SCRIPT = Path.of("../gpu/instructions.py").toAbsolutePath();

  @TempDir private Path folder;

  @BeforeAll
  static void requirePython() throws InterruptedException {
    Assumptions.assumeTrue(Files.isRegularFile(SCRIPT), "there is no gpu folder beside the engine");
    try {
      new ProcessBuilder("python3", "--version").start().waitFor();
    } catch (IOException e) {
      Assumptions.abort("there is no python3: " + e.getMessage());
    }
  }

  /**
   * The kernels that the tables have, with the tensor instructions of a step: those of sm_80, those
   * of later architectures, and those that sm_90a alone has.
   */
  private static Map<String, Integer> kernels() {
    Map<String, Integer> kernels = new TreeMap<>();
    putKernels(kernels, "");
    putKernels(kernels, "_bulk");
    putKernels(kernels, "_wgmma");
    kernels.keySet().removeIf(name -> name.matches("attention.*_wgmma"));
    kernels.replaceAll(
        (name, tensor) ->
            !name.endsWith("_wgmma") ? tensor : name.matches("linear_[a-z]+_wgmma") ? 4 : 8);
    return kernels;
  }

  private static void putKernels(Map<String, Integer> kernels, String suffix) {
    for (int slots : new int[] {8, 16, 32, 64}) {
      for (String form : List.of("mxfp4", "bf16")) {
        kernels.put("experts_up_" + form + "_" + slots + suffix, slots);
        kernels.put("experts_down_" + form + "_" + slots + suffix, slots);
      }
    }
    for (String name : List.of("qkv", "residual", "floats")) {
      kernels.put("linear_" + name + suffix, 16);
      kernels.put("linear_" + name + "_prefill" + suffix, 64);
    }
    for (int head : new int[] {64, 128}) {
      kernels.put("attention_decode_" + head + suffix, head);
      kernels.put("attention_prefill_" + head + suffix, head);
    }
  }

  /** Instructions in the form of cuobjdump, one line for each and one for the rest of its bits. */
  private static final class Listing {
    private final StringBuilder lines = new StringBuilder();
    private int address;

    Listing function(String name) {
      lines.append("\t\tFunction : ").append(name).append('\n');
      lines.append("\t.headerflags\t@\"EF_CUDA_ACCELERATORS EF_CUDA_SM90\"\n");
      address = 0;
      return this;
    }

    Listing add(int count, String instruction) {
      for (int i = 0; i < count; i++) {
        lines.append(
            String.format(
                "        /*%04x*/  %s ;  /* 0x00000a00ff017b82 */%n"
                    + "                    /* 0x000fe20000000800 */%n",
                address, instruction));
        address += 16;
      }
      return this;
    }

    /** Bulk copies of the kernel's copying loop, of 20 instructions; 0 where it has none. */
    private static int copies(String name) {
      if (name.endsWith("_wgmma")) {
        return name.contains("mxfp4") ? 6 : name.matches("linear_[a-z]+_wgmma") ? 12 : 4;
      }
      if (!name.endsWith("_bulk") || name.startsWith("attention")) {
        return 0;
      }
      return name.contains("mxfp4") ? 5 : name.matches("linear_[a-z]+_bulk") ? 8 : 3;
    }

    /**
     * An outer loop around a step of so many instructions, the loop of the warp that copies, and a
     * branch of a block to itself.
     */
    Listing kernel(String name, int tensor, int others, int steps) {
      int copies = copies(name);
      String multiply = "HMMA.16816.F32.BF16 R8, R4, R2, R8";
      if (name.endsWith("_wgmma")) {
        multiply = "HGMMA.64x8x16.F32.BF16 R8, R4, gdesc[UR4], R8";
      }
      function(name).add(3, "IADD3 R1, R2, R3, RZ").add(2, "STL [R1], R4");
      int outer = address;
      add(4, multiply);
      int inner = address;
      for (int s = 0; s < steps; s++) {
        add(tensor, multiply).add(others, "@!P0 LDS.128 R4, [R5]");
      }
      add(1, String.format("@P1 BRA.U 0x%x", inner)).add(1, "LDL R4, [R1]");
      add(1, String.format("@P0 BRA 0x%x", outer)).add(1, "EXIT");
      if (copies > 0) {
        int copying = address;
        add(copies, "UBLKCP.S.G [UR4], [UR6], UR8").add(19 - copies, "IADD3 R1, R2, R3, RZ");
        add(1, String.format("@P0 BRA 0x%x", copying)).add(1, "EXIT");
      }
      return add(1, String.format("BRA 0x%x", address));
    }
  }

  private record Outcome(int code, String text) {
    List<String> row(String kernel) {
      String row =
          text.lines().filter(line -> line.startsWith("| " + kernel + " |")).findFirst().get();
      return List.of(row.substring(2, row.length() - 2).split(" \\| "));
    }
  }

  private Outcome count(String architecture, Listing listing) throws Exception {
    StringBuilder usage = new StringBuilder("Resource usage:\n");
    for (String name : kernels().keySet()) {
      usage.append(" Function ").append(name).append(":\n");
      usage.append("  REG:97 STACK:0 SHARED:1024 LOCAL:0 CONSTANT[0]:608 TEXTURE:0\n");
    }
    Path sass = Files.writeString(folder.resolve("sass"), listing.lines);
    Path resources = Files.writeString(folder.resolve("resources"), usage);
    List<String> command = new ArrayList<>(List.of("python3", SCRIPT.toString(), architecture));
    command.addAll(List.of(sass.toString(), resources.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), text);
  }

  private static Listing all(int others, int steps) {
    return all(kernels(), others, steps);
  }

  private static Listing all(Map<String, Integer> kernels, int others, int steps) {
    Listing listing = new Listing();
    kernels.forEach((name, tensor) -> listing.kernel(name, tensor, others, steps));
    return listing;
  }

  @Test
  void countsAStepOfTheInnermostLoop() throws Exception {
    Outcome outcome = count("sm_90a", all(122, 1));
    assertThat(outcome.code()).as(outcome.text()).isZero();
    assertThat(outcome.text()).contains("H100 needs 11.5, H200 needs 16.5");
    // 8 + 122 + 1 instructions and a quarter of 20, 4 * 1088 / 136; (97 -> 104) * 160 registers,
    // 23,040 bytes a block.
    assertThat(outcome.row("experts_up_mxfp4_8_bulk"))
        .containsExactly(
            "experts_up_mxfp4_8_bulk", "136", "8", "1088", "97", "23040", "3", "3", "32.0");
    // 4 + 122 + 1 instructions and a sixteenth of 20, 4 * 2048 / 128.25.
    assertThat(outcome.row("linear_qkv_wgmma"))
        .containsExactly("linear_qkv_wgmma", "128", "4", "2048", "97", "169984", "3", "1", "63.9");
    // The 84,992 bytes of a block are what limits it.
    assertThat(outcome.row("attention_decode_64_bulk"))
        .containsExactly(
            "attention_decode_64_bulk", "187", "64", "16384", "97", "84992", "3", "2", "350.5");
  }

  @Test
  void sharesAnUnrolledLoopAmongItsSteps() throws Exception {
    Outcome outcome = count("sm_80", all(127, 2));
    assertThat(outcome.row("experts_up_mxfp4_8").get(1)).isEqualTo("136"); // (2 * 135 + 1) / 2
    // Before sm_90 cuobjdump leaves out the 1,024 bytes that the system takes of each block.
    assertThat(outcome.row("experts_up_mxfp4_8").get(5)).isEqualTo("18176");
  }

  @Test
  void refusesALoopThatIsNoStep() throws Exception {
    Map<String, Integer> kernels = kernels();
    kernels.put("experts_up_mxfp4_8_bulk", 7);
    Outcome outcome = count("sm_90a", all(kernels, 100, 1));
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.text())
        .contains("experts_up_mxfp4_8_bulk of sm_90a has")
        .contains("multiple of");
  }

  @Test
  void refusesAListingWithoutAKernel() throws Exception {
    Outcome outcome = count("sm_90a", new Listing().kernel("experts_up_mxfp4_8", 8, 100, 1));
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.text()).contains("is not in the listing of sm_90a");
  }
}
