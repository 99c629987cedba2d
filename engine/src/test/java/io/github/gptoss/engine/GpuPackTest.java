package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuEmulator;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The archive of gpu/pack.sh, unpacked where there is no Java, runs every stage of gpu/check.sh.
 * The driver is the emulated one, the model tiny, and programs that need a GPU are stand-ins
 * (src/test/gpu-stand-ins).
 */
class GpuPackTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path STAND_INS = Path.of("src/test/gpu-stand-ins").toAbsolutePath();
  private static final long MOST_BYTES = 28_000_000;

  /** What the scripts need of a machine beside the stand-ins; neither Java nor xz. */
  private static final List<String> PROGRAMS =
      List.of(
          "awk",
          "bash",
          "cat",
          "cut",
          "date",
          "dirname",
          "env",
          "grep",
          "gzip",
          "head",
          "mkdir",
          "mktemp",
          "mv",
          "nproc",
          "paste",
          "readlink",
          "rm",
          "sed",
          "sleep",
          "sort",
          "tail",
          "tar",
          "tee",
          "timeout",
          "tr",
          "uname",
          "uniq",
          "wc");

  private static final List<String> STAGES =
      List.of(
          "info",
          "probe",
          "tests",
          "invariance",
          "shape",
          "bench20",
          "bench120",
          "profile",
          "sanitize",
          "full",
          "compare");

  @TempDir private static Path folder;

  private static Path bin;
  private static Path pack;

  private record Ended(int code, String out) {}

  @BeforeAll
  static void packAndUnpack() throws Exception {
    GpuTests.requireEmulator();
    Assumptions.assumeThat(ROOT.resolve("gpu/pack.sh")).isRegularFile();
    Path jlink = Path.of(System.getProperty("java.home"), "bin", "jlink");
    Assumptions.assumeThat(jlink).as("the JDK has jlink").isRegularFile();
    if (!Boolean.getBoolean("require.cuda")) {
      Assumptions.assumeThat(Path.of(".cuda-toolkit")).as("nvcc of the build").exists();
    }
    bin = programs();
    Path packed = folder.resolve("here/pack");
    Ended made =
        run(
            ROOT,
            Map.of("JAVA_HOME", System.getProperty("java.home"), "PATH", System.getenv("PATH")),
            "gpu/pack.sh",
            "--built",
            System.getProperty("java.class.path"),
            packed.toString());
    assertThat(made.code()).as(made.out()).isZero();
    Path archive = folder.resolve("here/pack.tar.xz");
    assertThat(Files.size(archive)).isLessThan(MOST_BYTES);
    Path there = Files.createDirectories(folder.resolve("there"));
    Ended unpacked =
        run(
            there,
            Map.of("PATH", bin.toString()),
            bin.resolve("python3").toString(), // by name it would be looked for on this JVM's path
            "-m",
            "tarfile",
            "-e",
            archive.toString());
    assertThat(unpacked.code()).as(unpacked.out()).isZero();
    pack = there.resolve("pack");
  }

  /** A folder with nothing but the programs that the scripts may use. */
  private static Path programs() throws Exception {
    Path programs = Files.createDirectories(folder.resolve("bin"));
    for (String name : PROGRAMS) {
      Ended found =
          run(folder, Map.of("PATH", System.getenv("PATH")), "sh", "-c", "command -v " + name);
      assertThat(found.code()).as(name).isZero();
      Files.createSymbolicLink(programs.resolve(name), Path.of(found.out().strip()));
    }
    // Not a link: what is called python3 may find its own files by where it is.
    Ended python =
        run(
            folder,
            Map.of("PATH", System.getenv("PATH")),
            "python3",
            "-c",
            "import sys; print(sys.executable)");
    Assumptions.assumeThat(python.code()).as("there is a python3").isZero();
    Path launcher =
        Files.writeString(
            programs.resolve("python3"), "#!/bin/sh\nexec " + python.out().strip() + " \"$@\"\n");
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    return programs;
  }

  private static Ended run(Path in, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), out);
  }

  /** Runs check.sh with a tiny model; results go to a folder of their own. */
  private static Ended check(String out, Map<String, String> others, String... stages)
      throws Exception {
    String tiny =
        pack.resolve("engine/test-classes/goldens/model/tiny-mxfp4/config.json").toString();
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", STAND_INS.resolve("bin") + ":" + bin);
    environment.put("PYTHONPATH", STAND_INS.resolve("python").toString());
    environment.put("OUT", folder.resolve(out).toString());
    environment.put("LD_LIBRARY_PATH", GpuEmulator.folder().toString());
    environment.put("CUDA_EMULATOR", EmulatedMachine.fast().devices(768).toString());
    environment.put("MODEL_20B", tiny);
    environment.put("MODEL_120B", tiny);
    environment.put("BATCHES", "2,5");
    environment.put("SEQUENCES", "12");
    environment.put("PROMPT", "40");
    environment.put("OUTPUT", "4");
    environment.put("TESTS", ".*\\.CudaLayerTest");
    environment.put("SHAPE", "4:2");
    environment.putAll(others);
    String[] command =
        Stream.concat(Stream.of(pack.resolve("check.sh").toString()), Stream.of(stages))
            .toArray(String[]::new);
    return run(Files.createDirectories(folder.resolve("elsewhere")), environment, command);
  }

  /** The one file in the folder, and the names of what is in it. */
  private static Set<String> archived(String out, String archive) throws Exception {
    try (Stream<Path> files = Files.list(folder.resolve(out))) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly(archive);
    }
    Ended listed =
        run(
            folder.resolve(out),
            Map.of("PATH", bin.toString()),
            bin.resolve("tar").toString(),
            "tzf",
            folder.resolve(out).resolve(archive).toString());
    assertThat(listed.code()).as(listed.out()).isZero();
    return listed
        .out()
        .lines()
        .map(name -> name.replaceFirst("^\\./", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Jars hold what they hold as it is, and of JCuda's libraries the driver's alone. */
  @Test
  void theArchiveHoldsWhatIsNeededAndStored() throws IOException {
    List<Path> jars;
    try (Stream<Path> files = Files.list(pack.resolve("lib"))) {
      jars = files.toList();
    }
    List<String> names = jars.stream().map(jar -> jar.getFileName().toString()).toList();
    assertThat(names)
        .anyMatch(name -> name.startsWith("jcuda-natives-"))
        .noneMatch(name -> name.startsWith("archunit") || name.startsWith("jqwik"));
    List<String> libraries = new ArrayList<>();
    for (Path jar : jars) {
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        List<? extends ZipEntry> entries = Collections.list(zip.entries());
        assertThat(entries)
            .as(jar.toString())
            .isNotEmpty()
            .allMatch(entry -> entry.getMethod() == ZipEntry.STORED);
        entries.stream()
            .map(ZipEntry::getName)
            .filter(n -> n.endsWith(".so"))
            .forEach(libraries::add);
      }
    }
    assertThat(libraries).hasSize(1).allMatch(name -> name.contains("libJCudaDriver-"));
  }

  @Test
  void everyStageRunsWhereThereIsNoJava() throws Exception {
    Ended ended = check("all", Map.of(), STAGES.toArray(String[]::new));
    assertThat(ended.code()).as(ended.out()).isZero();
    for (String stage : STAGES) {
      assertThat(ended.out()).containsPattern("(?m)^== " + stage + ": passed, \\d+ s$");
    }
    assertThat(ended.out())
        .contains("## Emulated GPU 0", "| experts_up_mxfp4_64 |") // info
        .containsPattern("\\| wgmma n64 \\| \\S+ \\| 100.00 % \\| 100.00 % \\|") // probe
        .containsPattern("\\| wgmma m64n256k16, A in registers \\| 8 \\| \\S+ \\|")
        .contains("all products are right")
        .containsPattern("SUCCESSFUL CudaLayerTest.layersFollowTheReference") // tests
        .containsPattern("(\\d+) of \\1 tokens equal, \\d+ different ones") // invariance
        .contains("4 experts, 2 tokens, after 2 layers") // shape
        .contains("| with prefill | 5 |", "decode, 5 sequences of 42 tokens, one step:") // bench
        .contains(
            "| experts_up_mxfp4_8 | (264, 1, 1) | 2 | 2400.0 | 62.0 | 37.5 | 72.0 | - | 12.5 |"
                + " long_scoreboard 3.0 |")
        .contains("========= ERROR SUMMARY: 0 errors", "RACECHECK SUMMARY: 0 hazards") // sanitize
        .contains(
            "24 requests of 40 tokens, 4 generated of each; steps of at most 12 sequences") // full
        .containsPattern("(?m)^\\| \\d+ \\| 24 \\| 0 \\| ")
        .containsPattern("(?m)^\\d+ tokens/s generated, .* steps of .* waited for the GPU \\d+ %")
        .containsPattern("## 20b, bfloat16, transformers stand-in on torch stand-in"); // compare
    assertThat(archived("all", "check-" + String.join("-", STAGES) + ".tar.gz"))
        .contains(
            "summary",
            "info/nvidia-smi.txt",
            "bench20/20b.json",
            "bench120/120b.json",
            "profile/20b.csv",
            "sanitize/racecheck.log",
            "full/120b.json",
            "compare/20b.json")
        .containsAll(STAGES.stream().map(stage -> stage + "/output.md").toList());
  }

  @Test
  void stagesCanMultiplyByWgmma() throws Exception {
    Ended ended = check("wgmma", Map.of("WGMMA", "1"), "invariance", "bench20", "full");
    assertThat(ended.code()).as(ended.out()).isZero();
    String wgmma = "capability 9.0, wgmma on, which no GPU has proven yet";
    assertThat(ended.out())
        .containsPattern("(\\d+) of \\1 tokens equal, \\d+ different ones")
        .containsSubsequence("== bench20", wgmma, "== full", wgmma);
  }

  @Test
  void aStageThatFailsIsSaidToHaveFailedAndTheOthersGoOn() throws Exception {
    String broken = EmulatedMachine.fast().devices(768).fault(60, 214).toString();
    Ended ended = check("broken", Map.of("CUDA_EMULATOR", broken), "invariance", "info");
    assertThat(ended.code()).as(ended.out()).isEqualTo(1);
    assertThat(ended.out())
        .contains("CUDA_ERROR_ECC_UNCORRECTABLE")
        .containsPattern("(?m)^== invariance: FAILED with 1, \\d+ s$")
        .containsPattern("(?m)^== info: passed, \\d+ s$");
    assertThat(archived("broken", "check-invariance-info.tar.gz"))
        .contains("summary", "invariance/errors.log", "info/output.md");
  }

  @Test
  void aStageThatTakesTooLongIsEndedAndWhatItPrintedIsKept() throws Exception {
    Ended ended = check("slow", Map.of("LIMIT", "6", "OUTPUT", "8000"), "full");
    assertThat(ended.code()).as(ended.out()).isEqualTo(1);
    assertThat(ended.out()).contains("== full: FAILED: ended after 6 s");
    assertThat(archived("slow", "check-full.tar.gz")).contains("full/output.md", "full/errors.log");
  }

  @Test
  void namesTheStagesThereAre() throws Exception {
    for (String[] stages : new String[][] {{}, {"info", "benhc20"}}) {
      Ended ended = check("none", Map.of(), stages);
      assertThat(ended.code()).isEqualTo(2);
      assertThat(ended.out()).contains(String.join(" ", STAGES));
    }
    assertThat(folder.resolve("none")).doesNotExist();
  }
}
