package io.github.gptoss.engine.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptoss.engine.tensor.SafetensorsFile;
import io.github.gptoss.engine.tensor.Sha256;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/** A hash that tells checkpoints apart without reading them whole; no path or time is in it. */
final class Fingerprint {
  /**
   * Bytes hashed of each tensor, from its middle; norms, biases and sinks are no larger. Training
   * or merging an adapter changes nearly every element of what it changes, but not every tensor.
   */
  private static final int SAMPLE_BYTES = 8192;

  /** What else decides which tokens a text becomes and where they end; hashed where it is there. */
  private static final List<String> SETTINGS =
      List.of("generation_config.json", "tokenizer.json", "tokenizer_config.json");

  private final MessageDigest sha256 = Sha256.digest();

  private Fingerprint() {}

  /** 64 hexadecimal digits; fails if a file has changed or cannot be read. */
  static String of(CheckpointFolder folder, byte[] configJson, List<SafetensorsFile> files) {
    Fingerprint fingerprint = new Fingerprint();
    fingerprint.sha256.update(Sha256.digest().digest(configJson));
    SETTINGS.stream().filter(folder::has).forEach(name -> fingerprint.settings(folder.file(name)));
    files.forEach(fingerprint::weights);
    return HexFormat.of().formatHex(fingerprint.sha256.digest());
  }

  private void settings(Path file) {
    name(file);
    sha256.update(CheckpointFolder.sha256(file));
  }

  private void weights(SafetensorsFile file) {
    name(file.path());
    sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(0, file.bytes()));
    sha256.update(file.headerSha256());
    ByteBuffer sample = ByteBuffer.allocate(SAMPLE_BYTES);
    for (StoredTensor tensor : file.tensors()) {
      tensor.read(sample.clear(), Math.max(0, tensor.bytes() - SAMPLE_BYTES) / 2);
      sha256.update(sample.flip());
    }
  }

  /** Ended by a byte that no name holds, so that no name runs into what follows. */
  private void name(Path file) {
    sha256.update(file.getFileName().toString().getBytes(UTF_8));
    sha256.update((byte) 0);
  }
}
