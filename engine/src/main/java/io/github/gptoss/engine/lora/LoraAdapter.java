package io.github.gptoss.engine.lora;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptoss.engine.json.StrictJson;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.tensor.SafetensorsFile;
import io.github.gptoss.engine.tensor.Sha256;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A PEFT adapter on disk, checked down to every tensor's type and shape against its base model;
 * opening it does not read the tensors' bytes. Safe for use by several threads.
 */
public final class LoraAdapter implements AutoCloseable {
  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final int MAX_CONFIG_BYTES = 4 << 20;

  private final Path folder;
  private final SafetensorsFile file;
  private final List<Map<Target, LowRank>> layers;

  private LoraAdapter(Path folder, SafetensorsFile file, List<Map<Target, LowRank>> layers) {
    this.folder = folder;
    this.file = file;
    this.layers = layers;
  }

  /** Opens the adapter in a folder; fails, with one error, if it does not fit the base model. */
  public static LoraAdapter open(Path folder, ModelConfig model) {
    AdapterConfig config = config(folder);
    SafetensorsFile file = SafetensorsFile.read(folder.resolve(WEIGHTS));
    try {
      file.requireNoGap();
      return new LoraAdapter(folder, file, new AdapterTensors(file, config, model).layers());
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /** Checks what can be told without the base model: configuration and header. */
  public static void verify(Path folder) {
    config(folder);
    try (SafetensorsFile file = SafetensorsFile.read(folder.resolve(WEIGHTS))) {
      file.requireNoGap();
    }
  }

  private static AdapterConfig config(Path folder) {
    survey(folder);
    Path file = folder.resolve(CONFIG);
    return new AdapterConfig(file, StrictJson.bytes(file, MAX_CONFIG_BYTES));
  }

  private static void survey(Path folder) {
    if (!Files.exists(folder)) {
      throw AdapterErrors.noFolder(folder);
    }
    if (!Files.isDirectory(folder)) {
      throw AdapterErrors.notFolder(folder);
    }
    if (!Files.exists(folder.resolve(CONFIG))) {
      boolean isModel = Files.exists(folder.resolve("config.json"));
      throw AdapterErrors.noConfig(folder.resolve(CONFIG), isModel);
    }
    Path pickle = folder.resolve("adapter_model.bin");
    if (!Files.exists(folder.resolve(WEIGHTS)) && Files.exists(pickle)) {
      throw AdapterErrors.pickle(pickle);
    }
  }

  /**
   * SHA-256 in hexadecimal of both files of the adapter in a folder, every byte of them: equal for
   * copies at any place, different for two trainings.
   */
  public static String fingerprint(Path folder) {
    survey(folder);
    MessageDigest sha256 = Sha256.digest();
    for (String name : List.of(CONFIG, WEIGHTS)) {
      sha256.update(name.getBytes(UTF_8));
      try {
        sha256.update(Sha256.of(folder.resolve(name)));
      } catch (IOException e) {
        throw AdapterErrors.unreadable(folder.resolve(name), e);
      }
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  public Path folder() {
    return folder;
  }

  /** What it changes in a layer, at least one entry in one of the layers. */
  public Map<Target, LowRank> layer(int index) {
    return layers.get(index);
  }

  /** Bytes of all its tensors. */
  public long bytes() {
    return file.tensors().stream().mapToLong(StoredTensor::bytes).sum();
  }

  /** The largest rank of any matrix. */
  public int maxRank() {
    return layers.stream()
        .flatMap(layer -> layer.values().stream())
        .mapToInt(LowRank::rank)
        .max()
        .orElseThrow();
  }

  /** Ends all reading through this adapter's tensors. */
  @Override
  public void close() {
    file.close();
  }
}
