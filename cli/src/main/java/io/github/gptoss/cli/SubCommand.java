package io.github.gptoss.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.ParentCommand;

/** What all commands share. */
abstract class SubCommand implements Callable<Integer> {
  @ParentCommand private RootCommand root;

  final Console console() {
    return root.console();
  }

  final CommonOptions common() {
    return root.common();
  }

  @Override
  public final Integer call() throws Exception {
    run();
    return CommandLineRunner.OK;
  }

  /** Does the work; whatever it throws becomes an exit status and a line. */
  abstract void run() throws Exception;
}
