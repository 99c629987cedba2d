package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.internal.models.CachedModel;
import io.github.gptoss.spark.internal.models.CachedModels;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code cache list} and {@code cache prune}: what the connector copied to this machine. */
@Command(
    name = "cache",
    description =
        "Lists or removes the copies of models that the Spark connector keeps on this machine.",
    synopsisSubcommandLabel = "COMMAND")
final class CacheCommand extends SubCommand {
  private static final int VERSION_CHARS = 12;

  @Option(
      names = "--cache-dir",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description =
          "The cache's folder, as in option model_cache_dir (default: .cache/gptoss-spark in the"
              + " home folder).")
  private String cacheDir;

  @Spec private CommandSpec spec;

  @Override
  void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given: give one of " + String.join(", ", spec.subcommands().keySet()));
  }

  @Command(
      name = "list",
      description = "Shows each copy: its address, version, size, last use and state.")
  int list(@Option(names = "--json", description = "As one JSON list.") boolean json) {
    List<CachedModel> models = CachedModels.in(cacheDir).list();
    console().out().print(json ? Json.text(json(models)) + "\n" : text(models));
    return CommandLineRunner.OK;
  }

  @Command(
      name = "prune",
      description =
          "Removes copies of which a later version of the same address is there. A copy that a"
              + " process holds is never removed.")
  int prune(
      @Option(names = "--all", description = "Also copies without a later version.") boolean all,
      @Option(
              names = "--unused-days",
              paramLabel = "N",
              defaultValue = "0",
              description = "Only copies that were not used for N days (default: any).")
          int unusedDays,
      @Option(names = "--dry-run", description = "Remove nothing, and only say what would be.")
          boolean isDryRun) {
    if (unusedDays < 0) {
      throw CliErrors.badOption("--unused-days", "is " + unusedDays + ": it must be 0 or more");
    }
    List<CachedModel> removed =
        CachedModels.in(cacheDir)
            .prune(
                all ? CachedModels.Which.ALL : CachedModels.Which.SUPERSEDED,
                Duration.ofDays(unusedDays),
                isDryRun);
    console().out().print(text(removed));
    console()
        .err()
        .printf(
            Locale.ROOT,
            "%d copies %s, %d bytes%n",
            removed.size(),
            isDryRun ? "would be removed" : "removed",
            removed.stream().mapToLong(CachedModel::bytes).sum());
    return CommandLineRunner.OK;
  }

  private static ArrayNode json(List<CachedModel> models) {
    ArrayNode list = Json.array(new int[0]);
    for (CachedModel model : models) {
      ObjectNode entry = list.addObject();
      entry.put("address", model.address()).put("version", model.version());
      entry.put("folder", model.folder().toString()).put("bytes", model.bytes());
      entry.put("last_used", model.lastUsed().toString());
      entry.put("whole", model.isWhole()).put("held", model.isHeld());
    }
    return list;
  }

  private static String text(List<CachedModel> models) {
    StringBuilder text = new StringBuilder();
    for (CachedModel model : models) {
      String version = model.version();
      text.append(
          String.format(
              Locale.ROOT,
              "%s  %s  %d bytes  %s  %s%n",
              model.address(),
              version.isEmpty()
                  ? "-"
                  : version.substring(0, Math.min(version.length(), VERSION_CHARS)),
              model.bytes(),
              model.lastUsed().truncatedTo(ChronoUnit.SECONDS),
              state(model)));
    }
    return text.toString();
  }

  private static String state(CachedModel model) {
    return (model.isWhole() ? "whole" : "in parts") + (model.isHeld() ? ", in use" : "");
  }
}
