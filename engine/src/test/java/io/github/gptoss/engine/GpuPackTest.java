package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuEmulator;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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

  /** Packs where there is no xz, as on a machine with little more than a JDK. */
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
    String classPath = System.getProperty("java.class.path");
    pack(ROOT, everythingButXz().toString(), "--built", classPath, packed.toString());
    unpack(folder.resolve("here/pack.tar.xz"), folder.resolve("there"));
    pack = folder.resolve("there/pack");
  }

  /** Runs pack.sh of a tree; returns what it printed. */
  private static String pack(Path tree, String path, String... arguments) throws Exception {
    String[] command =
        Stream.concat(Stream.of("gpu/pack.sh"), Stream.of(arguments)).toArray(String[]::new);
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("PATH", path);
    Ended made = run(tree, environment, command);
    assertThat(made.code()).as(made.out()).isZero();
    return made.out();
  }

  private static void unpack(Path archive, Path there) throws Exception {
    assertThat(Files.size(archive)).isLessThan(MOST_BYTES);
    Ended unpacked =
        run(
            Files.createDirectories(there),
            Map.of("PATH", bin.toString()),
            bin.resolve("python3").toString(), // by name it would be looked for on this JVM's path
            "-m",
            "tarfile",
            "-e",
            archive.toString());
    assertThat(unpacked.code()).as(unpacked.out()).isZero();
  }

  /** A folder with the programs of this JVM's path, and no xz. */
  private static Path everythingButXz() throws Exception {
    Path programs = Files.createDirectories(folder.resolve("everything-but-xz"));
    Files.copy(bin.resolve("python3"), programs.resolve("python3"));
    for (String entry : System.getenv("PATH").split(":")) {
      Path from = Path.of(entry).toAbsolutePath();
      if (!Files.isDirectory(from)) {
        continue;
      }
      try (Stream<Path> files = Files.list(from)) {
        for (Path program : files.toList()) {
          Path link = programs.resolve(program.getFileName());
          if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS) && !link.endsWith("xz")) {
            Files.createSymbolicLink(link, program);
          }
        }
      }
    }
    return programs;
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

  @Test
  void theArchiveHoldsWhatIsNeededAndStored() throws IOException {
    assertHoldsWhatIsNeeded(pack);
  }

  /** As its user calls the script, in a copy of the tree that Maven may write into. */
  @Test
  void packsWhatMavenBuilds() throws Exception {
    Path tree = Files.createDirectories(folder.resolve("tree"));
    copy(tree, "pom.xml", ".mvn", "gpu", "examples/data/demo-prompts.jsonl");
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.filter(m -> Files.exists(m.resolve("pom.xml"))).toList()) {
        copy(tree, module.getFileName() + "/pom.xml");
      }
    }
    copy(tree, "engine/src", "engine/target/classes", "engine/target/test-classes");
    copy(tree, "engine/target/cuda", "engine/target/cuda-hardware");
    // What is compiled already is not compiled again.
    Files.writeString(
        tree.resolve(".mvn/maven.config"), "-Dmaven.main.skip=true\n-Dmaven.test.skip=true\n");
    Path toolkit = ROOT.resolve("engine/.cuda-toolkit");
    if (Files.exists(toolkit)) {
      Files.createSymbolicLink(tree.resolve("engine/.cuda-toolkit"), toolkit);
    }
    String said = pack(tree, System.getenv("PATH"));
    Path archive = tree.resolve("gpu/target/pack.tar.xz");
    assertThat(said).contains("MB as " + archive + "; unpack it there and run pack/check.sh info");
    unpack(archive, folder.resolve("from-maven"));
    Path unpacked = folder.resolve("from-maven/pack");
    assertHoldsWhatIsNeeded(unpacked);
    assertThat(jars(unpacked.resolve("lib"))).isEqualTo(jars(pack.resolve("lib")));
    assertThat(
            unpacked.resolve("engine/classes/io/github/gptoss/engine/backend/cuda/kernels.fatbin"))
        .hasSameBinaryContentAs(
            Path.of("target/classes/io/github/gptoss/engine/backend/cuda/kernels.fatbin"));
  }

  private static void copy(Path tree, String... names) throws Exception {
    for (String name : names) {
      Path from = ROOT.resolve(name);
      Path to = Files.createDirectories(tree.resolve(name).getParent());
      Ended copied =
          run(
              ROOT,
              Map.of("PATH", System.getenv("PATH")),
              "cp",
              "-a",
              from.toString(),
              to.toString());
      assertThat(copied.code()).as(copied.out()).isZero();
    }
  }

  private static Set<String> jars(Path lib) throws IOException {
    try (Stream<Path> files = Files.list(lib)) {
      return files
          .map(jar -> jar.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** Jars hold what they hold as it is, and of JCuda's libraries the driver's alone. */
  private static void assertHoldsWhatIsNeeded(Path pack) throws IOException {
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
