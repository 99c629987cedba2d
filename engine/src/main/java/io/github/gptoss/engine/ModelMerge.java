package io.github.gptoss.engine;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.json.StrictJson;
import io.github.gptoss.engine.json.UntrustedText;
import io.github.gptoss.engine.lora.AdapterMerge;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** Makes a checkpoint of a model and a LoRA adapter to it. */
public final class ModelMerge {
  private ModelMerge() {}

  /**
   * Writes the merged checkpoint. Every element of a matrix that the adapter changes is computed in
   * float32 and rounded once to the type that is written: bf16 for experts that were MXFP4, else
   * the matrix's own. The folder appears whole, by a rename, or not at all.
   *
   * @param model folder of a checkpoint in the Hugging Face layout
   * @param adapter folder of a PEFT adapter to it
   * @param output a folder that does not exist, or is empty
   * @throws io.github.gptoss.engine.error.InvalidModelException if model or adapter is unusable, or
   *     they do not fit each other
   * @throws InvalidConfigException if the folder cannot be written
   */
  public static void write(String model, String adapter, Path output) {
    Path place = output.toAbsolutePath().normalize();
    requireFree(place);
    try (Checkpoint checkpoint = Checkpoint.open(Models.resolve(model));
        LoraAdapter lora = LoraAdapter.open(Models.resolve(adapter), checkpoint.config())) {
      checkpoint.verifyScales();
      String name = "." + place.getFileName() + "." + ProcessHandle.current().pid() + ".partial";
      Path partial = Files.createDirectory(place.resolveSibling(name));
      try {
        AdapterMerge.write(checkpoint, lora, partial);
        Files.move(
            partial, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        remove(partial);
      }
    } catch (IOException e) {
      throw cannotWrite(place, StrictJson.reason(e), e);
    }
  }

  private static void requireFree(Path place) {
    Path parent = place.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw cannotWrite(place, "the folder above it does not exist", null);
    }
    if (Files.exists(place) && !isEmptyFolder(place)) {
      throw cannotWrite(place, "it exists and is no empty folder", null);
    }
  }

  private static boolean isEmptyFolder(Path place) {
    try (Stream<Path> entries = Files.list(place)) {
      return entries.findAny().isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  private static InvalidConfigException cannotWrite(Path place, String why, IOException cause) {
    return new InvalidConfigException(
        "%s cannot be written: %s; give --output another folder"
            .formatted(UntrustedText.oneLine(place), why),
        cause);
  }

  private static void remove(Path partial) throws IOException {
    if (Files.exists(partial)) {
      try (Stream<Path> entries = Files.list(partial)) {
        for (Path entry : (Iterable<Path>) entries::iterator) {
          Files.delete(entry);
        }
      }
      Files.delete(partial);
    }
  }
}
