package io.github.gptoss.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code gptoss} itself: it only holds the commands. */
@Command(
    name = "gptoss",
    description = "Runs OpenAI's open-weight gpt-oss models.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      GenerateCommand.class,
      LogitsCommand.class,
      HiddenCommand.class,
      DistributionCommand.class,
      TokenizeCommand.class,
      DetokenizeCommand.class,
      RenderCommand.class,
      ParseCommand.class,
      AcceptCommand.class,
      MaskCommand.class,
      GradeCommand.class,
      InspectCommand.class,
      MergeCommand.class,
      BenchCommand.class,
      PlanCommand.class,
      CacheCommand.class
    })
final class RootCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private CommonOptions common;
  @Spec private CommandSpec spec;

  RootCommand(Console console) {
    this.console = console;
  }

  Console console() {
    return console;
  }

  CommonOptions common() {
    return common;
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given: give one of " + String.join(", ", spec.subcommands().keySet()));
  }
}
