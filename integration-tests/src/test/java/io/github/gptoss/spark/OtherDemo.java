package io.github.gptoss.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.weights.Models;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model with the demo model's configuration and other answers: its embedding and its head, which
 * have one shape, have changed places.
 */
public final class OtherDemo {
  private static final String WEIGHTS = "model.safetensors";

  private OtherDemo() {}

  /** Copies the demo model to a new folder. */
  public static Path copyDemo(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (var files = Files.newDirectoryStream(Models.resolve("demo"), "*.{json,safetensors}")) {
      for (Path file : files) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    return folder;
  }

  /** Writes the other model to a new folder. */
  public static Path write(Path folder) throws IOException {
    copyDemo(folder);
    replace(folder);
    return folder;
  }

  /** Puts the other model's weights in the place of the demo model's. */
  public static void replace(Path folder) throws IOException {
    byte[] file = Files.readAllBytes(folder.resolve(WEIGHTS));
    int header = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    int data = Long.BYTES + header;
    JsonNode tensors = new ObjectMapper().readTree(file, Long.BYTES, header);
    JsonNode head = tensors.path("lm_head.weight").path("data_offsets");
    JsonNode embedding = tensors.path("model.embed_tokens.weight").path("data_offsets");
    int bytes = head.path(1).asInt() - head.path(0).asInt();
    byte[] other = file.clone();
    System.arraycopy(
        file, data + head.path(0).asInt(), other, data + embedding.path(0).asInt(), bytes);
    System.arraycopy(
        file, data + embedding.path(0).asInt(), other, data + head.path(0).asInt(), bytes);
    Files.write(folder.resolve(WEIGHTS), other);
  }
}
