package io.github.gptoss.cli;

import picocli.CommandLine.Option;

/** A command that has no other form than JSON lines. */
abstract class JsonLinesCommand extends SubCommand {
  /** Accepted so that all commands are called alike. */
  @Option(names = "--jsonl", description = "The only form, and so not needed.")
  void jsonl(boolean given) {}
}
