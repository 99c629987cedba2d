package io.github.gptoss.engine.lora;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Writes adapters of random numbers as PEFT saves them, for a model's config.json. */
public final class RandomAdapter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode config = JSON.createObjectNode();
  private final Map<String, int[]> shapes = new LinkedHashMap<>();
  private final JsonNode model;
  private final int rank;
  private final Random random;
  private String dtype = "F32";
  private double size = 0.05;

  public RandomAdapter(Path modelFolder, int rank, double alpha, long seed) throws IOException {
    model = JSON.readTree(modelFolder.resolve("config.json").toFile());
    this.rank = rank;
    random = new Random(seed);
    config.put("peft_type", "LORA").put("r", rank).put("lora_alpha", alpha).put("bias", "none");
    config.putArray("target_modules");
    config.putArray("target_parameters");
  }

  /** The configuration, to be changed. */
  public ObjectNode config() {
    return config;
  }

  private int of(String key) {
    return model.get(key).intValue();
  }

  public RandomAdapter attention() {
    int hidden = of("hidden_size");
    int query = of("num_attention_heads") * of("head_dim");
    int kv = of("num_key_value_heads") * of("head_dim");
    for (int layer = 0; layer < of("num_hidden_layers"); layer++) {
      pair(layer, "self_attn.q_proj", hidden, query, 1);
      pair(layer, "self_attn.k_proj", hidden, kv, 1);
      pair(layer, "self_attn.v_proj", hidden, kv, 1);
      pair(layer, "self_attn.o_proj", query, hidden, 1);
    }
    for (String name : new String[] {"q_proj", "k_proj", "v_proj", "o_proj"}) {
      config.withArray("target_modules").add(name);
    }
    return this;
  }

  public RandomAdapter experts(int... layers) {
    int hidden = of("hidden_size");
    int inner = of("intermediate_size");
    int experts = of("num_local_experts");
    for (int layer : layers) {
      pair(layer, "mlp.experts.base_layer", hidden, 2 * inner, experts);
      pair(layer, "mlp.experts", inner, hidden, experts);
      config.withArray("target_parameters").add(layer + ".mlp.experts.gate_up_proj");
      config.withArray("target_parameters").add(layer + ".mlp.experts.down_proj");
    }
    return this;
  }

  private void pair(int layer, String module, int in, int out, int experts) {
    String name = "base_model.model.model.layers." + layer + "." + module + ".lora_";
    shapes.put(name + "A.weight", new int[] {rank * experts, in});
    shapes.put(name + "B.weight", new int[] {out, rank * experts});
  }

  /** {@code F32}, {@code BF16} or {@code F16}. */
  public RandomAdapter dtype(String value) {
    dtype = value;
    return this;
  }

  /** The standard deviation of all numbers. */
  public RandomAdapter size(double value) {
    size = value;
    return this;
  }

  /** The shapes by the tensors' names, to be changed. */
  public Map<String, int[]> shapes() {
    return shapes;
  }

  public Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    JSON.writeValue(folder.resolve("adapter_config.json").toFile(), config);
    ObjectNode header = JSON.createObjectNode();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (Map.Entry<String, int[]> entry : shapes.entrySet()) {
      ObjectNode tensor = header.putObject(entry.getKey()).put("dtype", dtype);
      int elements = 1;
      for (int dim : entry.getValue()) {
        tensor.withArray("shape").add(dim);
        elements *= dim;
      }
      int bytes = dtype.equals("F32") ? Float.BYTES : Short.BYTES;
      ByteBuffer values = ByteBuffer.allocate(elements * bytes).order(ByteOrder.LITTLE_ENDIAN);
      while (values.hasRemaining()) {
        put(values, (float) (random.nextGaussian() * size));
      }
      tensor.putArray("data_offsets").add(data.size()).add(data.size() + values.capacity());
      data.write(values.array());
    }
    byte[] json = JSON.writeValueAsString(header).getBytes(UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length + data.size()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json).put(data.toByteArray());
    Files.write(folder.resolve("adapter_model.safetensors"), file.array());
    return folder;
  }

  private void put(ByteBuffer values, float value) {
    int bits = Float.floatToRawIntBits(value);
    switch (dtype) {
      case "F32" -> values.putFloat(value);
      case "BF16" -> values.putShort((short) (bits >>> 16));
      default -> {
        // Cut off below, of magnitudes that float16 holds as normal numbers.
        int exponent = (bits >>> 23 & 0xFF) - 127 + 15;
        values.putShort(
            exponent <= 0
                ? 0
                : (short) (bits >>> 16 & 0x8000 | exponent << 10 | bits >>> 13 & 0x3FF));
      }
    }
  }
}
