package io.github.gptoss.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options that every command takes, before or after its name. */
final class CommonOptions {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "Folder of a gpt-oss checkpoint, or demo for the model that is shipped.")
  private String model;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      defaultValue = "cpu",
      description = "cpu or cuda (default: ${DEFAULT-VALUE}).")
  private String backend;

  @Option(
      names = "--threads",
      paramLabel = "N",
      scope = ScopeType.INHERIT,
      defaultValue = "0",
      description = "CPU threads for computing; 0 takes all (default).")
  private int threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      scope = ScopeType.INHERIT,
      description = "Seed of requests that bring none (default: 0).")
  private Long seed;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where in the program an error arose.")
  private boolean stacktrace;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log what the engine does, on standard error.")
  private boolean verbose;

  String model() {
    return model;
  }

  String backend() {
    return backend;
  }

  int threads() {
    return threads;
  }

  /** Null if not given. */
  Long seed() {
    return seed;
  }

  boolean stacktrace() {
    return stacktrace;
  }

  boolean verbose() {
    return verbose;
  }
}
