package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.GptOssJob;
import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.engine.FaultPlugin;
import io.github.gptoss.spark.internal.engine.TokenMeter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One case of a fault: a folder with the job's output, and processes that run the job, one after
 * another, until it is done.
 */
final class FaultyRun {
  private static final String LOCAL = "local[1]";
  private static final String CLUSTER = "local-cluster[2,1,1024]";

  private final Path folder;
  private final Path input;
  private final String mode;

  FaultyRun(Path folder, Path input, String mode) throws IOException {
    this.folder = folder;
    this.input = input;
    this.mode = mode;
    Files.createDirectories(meters());
  }

  private Path meters() {
    return folder.resolve("meters");
  }

  Path output() {
    return folder.resolve("out");
  }

  /** The job's arguments, for a process or for a session that is there. */
  static List<String> arguments(Path input, Path output, String mode) {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--input", input.toString(), "--input-format", "delta"));
    args.addAll(List.of("--output", output.toString(), "--mode", mode, "--id-col", "id"));
    args.addAll(List.of("--model", "demo", "--messages-col", "messages"));
    // Few at a time, so that completions come one after another; tokens, so that they are compared;
    // no row shares another's completion, so that generated tokens are rows' tokens.
    args.addAll(List.of("--journal-seconds", "1", "--set", "max_num_seqs=8"));
    args.addAll(List.of("--set", "include_tokens=true", "--set", "deduplicate=false"));
    return args;
  }

  Process startLocal(Map<String, String> conf) throws IOException {
    return start(LOCAL, conf);
  }

  /** Two executors of one core, each a process. */
  Process startCluster(Map<String, String> conf) throws IOException {
    return start(CLUSTER, conf);
  }

  private Process start(String master, Map<String, String> conf) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Sessions.ROOT.resolve("conf/spark-java.args"));
    command.add("-Xmx1g");
    command.add("-Dlog4j2.configurationFile=" + Sessions.ROOT.resolve("conf/log4j2.properties"));
    Map<String, String> settings =
        Map.of(
            "spark.master",
            master,
            "spark.ui.enabled",
            "false",
            "spark.databricks.delta.snapshotPartitions",
            "1",
            "spark.sql.shuffle.partitions",
            "2",
            "spark.plugins",
            FaultPlugin.class.getName(),
            FaultPlugin.METERS,
            meters().toString(),
            "spark.executor.memory",
            "1g",
            "spark.executor.extraClassPath",
            ours(),
            "spark.executor.extraJavaOptions",
            "--add-modules=jdk.incubator.vector");
    settings.forEach((name, value) -> command.add("-D" + name + "=" + value));
    conf.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(GptOssJob.class.getName());
    command.addAll(arguments(input, output(), mode));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("stdout").toFile())
            .redirectError(folder.resolve("stderr").toFile());
    builder
        .environment()
        .put("SPARK_HOME", Sessions.ROOT.resolve("integration-tests/target/spark").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    return builder.start();
  }

  /** What of this process's class path executors do not have from Spark. */
  private static String ours() {
    return String.join(
        File.pathSeparator,
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> Path.of(entry).startsWith(Sessions.ROOT))
            .toList());
  }

  /** Tokens that all processes of this case have generated so far. */
  long generatedTokens() throws IOException {
    return TokenMeter.sum(meters());
  }

  boolean anEngineDied() {
    return FaultPlugin.hasStruck(meters());
  }

  String errors() throws IOException {
    return Files.readString(folder.resolve("stderr"));
  }

  String lastLine() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("stdout"));
    return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
  }

  /** Files of the journal. */
  List<Path> segments() throws IOException {
    Path journal = output().resolve("_gptoss/journal");
    if (!Files.exists(journal)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(journal)) {
      return files.filter(file -> file.toString().endsWith(".arrow")).sorted().toList();
    }
  }
}
