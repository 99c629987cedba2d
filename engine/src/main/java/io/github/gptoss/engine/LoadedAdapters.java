package io.github.gptoss.engine;

import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.engine.json.UntrustedText;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.Models;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The adapters that an engine loads, in the order of their names, which gives them their numbers.
 */
record LoadedAdapters(SortedMap<String, LoraAdapter> byName) implements AutoCloseable {
  /** Opens all adapters, or fails with what is wrong with one and opens none. */
  static LoadedAdapters open(Map<String, String> folders, ModelConfig model) {
    SortedMap<String, LoraAdapter> opened = new TreeMap<>();
    try {
      folders.forEach(
          (name, address) -> opened.put(name, LoraAdapter.open(Models.resolve(address), model)));
      return new LoadedAdapters(opened);
    } catch (RuntimeException | Error e) {
      opened.values().forEach(LoraAdapter::close);
      throw e;
    }
  }

  List<LoraAdapter> opened() {
    return List.copyOf(byName.values());
  }

  /** By name, in the order of the names; reads all of the adapters. */
  Map<String, String> fingerprints() {
    SortedMap<String, String> fingerprints = new TreeMap<>();
    byName.forEach(
        (name, adapter) -> fingerprints.put(name, LoraAdapter.fingerprint(adapter.folder())));
    return Collections.unmodifiableMap(fingerprints);
  }

  /** One more than an adapter's place among the names in their order; 0 for null. */
  static int number(String name, Set<String> names) {
    if (name == null) {
      return 0;
    }
    int number = 0;
    for (String known : names) {
      number++;
      if (known.equals(name)) {
        return number;
      }
    }
    throw new InvalidRequestException(
        "invalid_parameter",
        ("lora is %s, and no adapter of this name is loaded%s (%s): give one of their names, or load"
                + " it")
            .formatted(
                UntrustedText.quote(name),
                NearestName.hint(name, names),
                names.isEmpty() ? "there are none" : "there are " + String.join(", ", names)));
  }

  @Override
  public void close() {
    byName.values().forEach(LoraAdapter::close);
  }
}
