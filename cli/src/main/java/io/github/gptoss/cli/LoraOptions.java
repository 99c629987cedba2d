package io.github.gptoss.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The adapters of a call: one for all requests, others by name. */
final class LoraOptions {
  @Option(
      names = "--lora",
      paramLabel = "[NAME=]DIR",
      description = {
        "Folder of a PEFT adapter, for all requests; with a name, for lines whose key lora names it.",
        "May be repeated with names."
      })
  private List<String> adapters = new ArrayList<>();

  /**
   * Folders by name; the one for all requests has its folder as its name.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if two are for the same requests
   */
  Map<String, String> byName() {
    Map<String, String> folders = new LinkedHashMap<>();
    int unnamed = 0;
    for (String adapter : adapters) {
      String name = name(adapter);
      unnamed += name == null ? 1 : 0;
      String folder = name == null ? adapter : adapter.substring(name.length() + 1);
      if (folder.isBlank() || "".equals(name)) {
        throw CliErrors.badOption("--lora", "lacks a name or a folder: give DIR or NAME=DIR");
      }
      if (unnamed > 1 || folders.put(name == null ? folder : name, folder) != null) {
        throw CliErrors.badOption(
            "--lora",
            "names two adapters for the same requests: give each a name of its own, NAME=DIR");
      }
    }
    return folders;
  }

  /** Name of the adapter of requests that name none; null for the model alone. */
  String ofAll() {
    return adapters.stream().filter(adapter -> name(adapter) == null).findFirst().orElse(null);
  }

  /** What stands before the first =, unless that is part of a folder's path; null for nothing. */
  private static String name(String adapter) {
    int end = adapter.indexOf('=');
    boolean isPath =
        end < 0 || adapter.lastIndexOf('/', end) >= 0 || Files.isDirectory(Path.of(adapter));
    return isPath ? null : adapter.substring(0, end);
  }
}
