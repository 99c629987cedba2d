package io.github.gptoss.engine.backend.cuda;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.lora.RandomAdapter;
import io.github.gptoss.engine.model.ConfigReader;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.model.ParsedConfig;
import io.github.gptoss.engine.weights.ExpertFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A model by its shape alone; its weights are random. */
record BenchmarkModel(ModelConfig config, ExpertFormat format) {
  static final String NAMES = "20b, 120b or a config.json";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> KNOWN =
      Map.of(
          "120b",
          "{\"model_type\": \"gpt_oss\", \"quantization_config\": {\"quant_method\": \"mxfp4\"}}",
          "20b",
          "{\"model_type\": \"gpt_oss\", \"num_hidden_layers\": 24, \"num_local_experts\": 32,"
              + " \"quantization_config\": {\"quant_method\": \"mxfp4\"}}");

  /**
   * Reads the shape.
   *
   * @param name one of {@link #NAMES}
   * @param layers the first so many layers of the model; 0 for all
   */
  static BenchmarkModel of(String name, int layers) throws IOException {
    Path file = Path.of(name);
    ObjectNode json = json(name);
    if (layers > 0) {
      json.put("num_hidden_layers", layers);
      if (json.get("layer_types") instanceof ArrayNode types) {
        while (types.size() > layers) {
          types.remove(layers);
        }
      }
    }
    ParsedConfig parsed =
        ConfigReader.read(file, JSON.writeValueAsBytes(json), file, Optional.empty());
    return new BenchmarkModel(
        parsed.model(), parsed.mxfp4() ? ExpertFormat.MXFP4 : ExpertFormat.DENSE);
  }

  /** The config.json that a name stands for. */
  static ObjectNode json(String name) throws IOException {
    String known = KNOWN.get(name);
    return (ObjectNode) JSON.readTree(known == null ? Files.readString(Path.of(name)) : known);
  }

  /**
   * Writes an adapter of random numbers into a folder: of attention in all layers and of experts in
   * the first, as large as the base products, so that rows of two adapters have other tokens.
   */
  LoraAdapter adapter(Path folder, int rank, long seed) throws IOException {
    Files.createDirectories(folder);
    ObjectNode shape =
        JSON.createObjectNode()
            .put("hidden_size", config.hiddenSize())
            .put("intermediate_size", config.intermediateSize())
            .put("num_attention_heads", config.heads())
            .put("num_key_value_heads", config.kvHeads())
            .put("head_dim", config.headDim())
            .put("num_hidden_layers", config.layers())
            .put("num_local_experts", config.experts());
    JSON.writeValue(folder.resolve("config.json").toFile(), shape);
    RandomAdapter random = new RandomAdapter(folder, rank, rank, seed).attention().experts(0);
    return LoraAdapter.open(random.dtype("BF16").write(folder.resolve("adapter")), config);
  }

  /** Makes the weights on a device. */
  CudaModel load(CudaDevice device, long seed) {
    return load(device, List.of(), seed);
  }

  /** Makes the weights on a device, and brings adapters there. */
  CudaModel load(CudaDevice device, List<LoraAdapter> adapters, long seed) {
    return new CudaModel(
        config,
        WeightBytes.of(config, format),
        adapters,
        List.of(device),
        0.9,
        (to, plan) -> new RandomWeights(config, format, to, plan, seed));
  }
}
