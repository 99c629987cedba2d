package io.github.gptoss.spark;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.weights.Models;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Adapters to the demo model as PEFT saves them, of random numbers: they give other answers. */
public final class DemoAdapter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int RANK = 4;

  private DemoAdapter() {}

  /** Writes one, on the query and output projections of all layers; returns its folder. */
  public static String write(Path folder, long seed) throws IOException {
    return write(folder, seed, 0.3);
  }

  /** With numbers of this standard deviation: of 0.01 it changes no answer of the model. */
  public static String write(Path folder, long seed, double size) throws IOException {
    JsonNode model = JSON.readTree(Models.resolve("demo").resolve("config.json").toFile());
    int hidden = model.get("hidden_size").intValue();
    int query = model.get("num_attention_heads").intValue() * model.get("head_dim").intValue();
    ObjectNode header = JSON.createObjectNode();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    Random random = new Random(seed);
    for (int layer = 0; layer < model.get("num_hidden_layers").intValue(); layer++) {
      String attention = "base_model.model.model.layers." + layer + ".self_attn.";
      put(header, data, random, size, attention + "q_proj.lora_A.weight", RANK, hidden);
      put(header, data, random, size, attention + "q_proj.lora_B.weight", query, RANK);
      put(header, data, random, size, attention + "o_proj.lora_A.weight", RANK, query);
      put(header, data, random, size, attention + "o_proj.lora_B.weight", hidden, RANK);
    }
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 8, \"bias\": \"none\","
            + " \"target_modules\": [\"q_proj\", \"o_proj\"]}");
    byte[] json = JSON.writeValueAsString(header).getBytes(UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + json.length + data.size()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json).put(data.toByteArray());
    Files.write(folder.resolve("adapter_model.safetensors"), file.array());
    return folder.toString();
  }

  private static void put(
      ObjectNode header,
      ByteArrayOutputStream data,
      Random random,
      double size,
      String name,
      int rows,
      int columns) {
    ObjectNode tensor = header.putObject(name).put("dtype", "F32");
    tensor.putArray("shape").add(rows).add(columns);
    ByteBuffer values =
        ByteBuffer.allocate(rows * columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      values.putFloat((float) (random.nextGaussian() * size));
    }
    tensor.putArray("data_offsets").add(data.size()).add(data.size() + values.capacity());
    data.writeBytes(values.array());
  }
}
