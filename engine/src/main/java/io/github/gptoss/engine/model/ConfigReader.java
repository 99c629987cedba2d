package io.github.gptoss.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.json.StrictJson;
import io.github.gptoss.engine.json.UntrustedText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Reads and checks a gpt-oss config.json, in the form that transformers writes (4.55 and later,
 * with {@code rope_scaling} or {@code rope_parameters}) or that of OpenAI's own {@code original/}
 * folder. Absent keys take the defaults of transformers' GptOssConfig, or of
 * gpt_oss/torch/model.py.
 */
public final class ConfigReader {
  private static final String MODEL_TYPE = "gpt_oss";
  private static final List<String> OPENAI_KEYS =
      List.of("num_experts", "initial_context_length", "rope_scaling_factor", "rope_ntk_alpha");
  private static final Map<String, AttentionKind> LAYER_TYPES =
      Map.of("sliding_attention", AttentionKind.WINDOW, "full_attention", AttentionKind.FULL);

  private static final int MAX_LAYERS = 4_096;
  private static final int MAX_SIZE = 1 << 24;
  static final int MAX_POSITIONS = Integer.MAX_VALUE;
  static final int DEFAULT_POSITIONS = 131_072;
  private static final float SWIGLU_ALPHA = 1.702f;
  private static final float SWIGLU_LIMIT = 7f;
  private static final float DEFAULT_EPS = 1e-5f;

  private final Path file;
  private final ConfigObject config;

  private ConfigReader(Path file, ConfigObject config) {
    this.file = file;
    this.config = config;
  }

  /**
   * Checks the bytes of a config.json, and of a generation_config.json whose end-of-text ids are
   * added; the files are for messages. Fails if one is not a JSON object, is of another kind of
   * model, or holds a value of a wrong type or out of range.
   */
  public static ParsedConfig read(
      Path file, byte[] configJson, Path generationFile, Optional<byte[]> generationJson) {
    ObjectNode node = StrictJson.parseObject(file, configJson);
    ConfigReader reader = new ConfigReader(file, new ConfigObject(file, node));
    boolean openAi = reader.isOpenAi(node);
    Optional<ConfigObject> generation =
        generationJson.map(
            bytes ->
                new ConfigObject(generationFile, StrictJson.parseObject(generationFile, bytes)));
    ModelConfig model = reader.model(openAi, generation);
    return new ParsedConfig(model, openAi, openAi || reader.isMxfp4(), reader.warnings(model));
  }

  private boolean isOpenAi(ObjectNode node) {
    JsonNode type = config.value("model_type");
    if (type.isMissingNode()) {
      if (node.has("peft_type")) {
        throw ConfigErrors.adapter(file);
      }
      if (OPENAI_KEYS.stream().noneMatch(node::has) || node.has("architectures")) {
        throw ConfigErrors.noModelType(file);
      }
      return true;
    }
    if (!type.isTextual() || !type.textValue().equals(MODEL_TYPE)) {
      throw config.unsupported("model_type", "\"" + MODEL_TYPE + "\"");
    }
    return false;
  }

  private ModelConfig model(boolean openAi, Optional<ConfigObject> generation) {
    if (!openAi) {
      checkFixed();
    }
    int vocabSize = size("vocab_size", 201_088);
    int layers = config.integer("num_hidden_layers", 1, MAX_LAYERS, 36);
    int heads = size("num_attention_heads", 64);
    int kvHeads =
        config.has("num_key_value_heads") && config.value("num_key_value_heads").isMissingNode()
            ? heads
            : size("num_key_value_heads", 8);
    int headDim = size("head_dim", 64);
    int experts =
        openAi
            ? size("num_experts", 128)
            : config.integer("num_local_experts", "num_experts", 1, MAX_SIZE, 128);
    int expertsPerToken =
        openAi
            ? size("experts_per_token", 4)
            : config.integer("num_experts_per_tok", "experts_per_token", 1, MAX_SIZE, 4);
    checkRelations(heads, kvHeads, headDim, experts, expertsPerToken);
    List<AttentionKind> attention = openAi ? alternating(layers) : attention(layers);
    RopeReader ropeReader = new RopeReader(file, config);
    RopeScaling rope = openAi ? ropeReader.openAi() : ropeReader.huggingFace();
    return new ModelConfig(
        vocabSize,
        size("hidden_size", 2_880),
        size("intermediate_size", 2_880),
        layers,
        heads,
        kvHeads,
        headDim,
        experts,
        expertsPerToken,
        slidingWindow(attention),
        attention,
        ropeReader.theta(),
        rope,
        openAi ? DEFAULT_EPS : config.number("rms_norm_eps", NumberRange.FRACTION, DEFAULT_EPS),
        config.optional("swiglu_limit", NumberRange.POSITIVE, SWIGLU_LIMIT),
        openAi
            ? ropeReader.stretched(rope)
            : config.integer("max_position_embeddings", 1, MAX_POSITIONS, DEFAULT_POSITIONS),
        eosTokenIds(vocabSize, generation),
        padTokenId(vocabSize));
  }

  /** Refuses what gpt-oss models never vary and the engine therefore does not compute. */
  private void checkFixed() {
    fixed("attention_bias", config.bool("attention_bias", true), "true");
    fixed("tie_word_embeddings", !config.bool("tie_word_embeddings", false), "false");
    fixed("hidden_act", config.string("hidden_act", "silu").equals("silu"), "\"silu\"");
    float alpha = config.optional("swiglu_alpha", NumberRange.POSITIVE, SWIGLU_ALPHA);
    fixed("swiglu_alpha", alpha == SWIGLU_ALPHA, "1.702");
  }

  private void fixed(String key, boolean holds, String expected) {
    if (!holds) {
      throw config.unsupported(key, expected);
    }
  }

  private int size(String key, int fallback) {
    return config.integer(key, 1, MAX_SIZE, fallback);
  }

  private void checkRelations(
      int heads, int kvHeads, int headDim, int experts, int expertsPerToken) {
    if (heads % kvHeads != 0) {
      throw ConfigErrors.disagree(
          file,
          "num_attention_heads",
          heads,
          "num_key_value_heads",
          kvHeads,
          "the first to be a multiple of the second");
    }
    if (headDim % 2 != 0) {
      throw ConfigErrors.value(file, "head_dim", config.value("head_dim"), "an even number");
    }
    if ((long) heads * headDim > MAX_SIZE) {
      throw ConfigErrors.disagree(
          file,
          "num_attention_heads",
          heads,
          "head_dim",
          headDim,
          "a product of at most " + MAX_SIZE);
    }
    if (expertsPerToken > experts) {
      throw ConfigErrors.disagree(
          file,
          config.has("num_experts_per_tok") ? "num_experts_per_tok" : "experts_per_token",
          expertsPerToken,
          config.has("num_local_experts") ? "num_local_experts" : "num_experts",
          experts,
          "at most as many experts a token as there are");
    }
  }

  private List<AttentionKind> attention(int layers) {
    JsonNode types = config.value("layer_types");
    if (types.isMissingNode()) {
      return alternating(layers);
    }
    if (!types.isArray() || types.size() != layers) {
      throw ConfigErrors.value(
          file,
          "layer_types",
          types,
          "an array of " + layers + " names, one for each of num_hidden_layers");
    }
    List<AttentionKind> kinds = new ArrayList<>(layers);
    for (JsonNode type : types) {
      AttentionKind kind = type.isTextual() ? LAYER_TYPES.get(type.textValue()) : null;
      if (kind == null) {
        throw ConfigErrors.value(
            file,
            "layer_types[" + kinds.size() + "]",
            type,
            "\"sliding_attention\" or \"full_attention\"");
      }
      kinds.add(kind);
    }
    return kinds;
  }

  private static List<AttentionKind> alternating(int layers) {
    IntFunction<AttentionKind> kind =
        layer -> layer % 2 == 0 ? AttentionKind.WINDOW : AttentionKind.FULL;
    return IntStream.range(0, layers).mapToObj(kind).toList();
  }

  /** A null window is fine for a model that never looks through one. */
  private int slidingWindow(List<AttentionKind> attention) {
    boolean isNull = config.has("sliding_window") && config.value("sliding_window").isMissingNode();
    return isNull && !attention.contains(AttentionKind.WINDOW)
        ? MAX_POSITIONS
        : config.integer("sliding_window", 1, MAX_POSITIONS, 128);
  }

  private List<Integer> eosTokenIds(int vocabSize, Optional<ConfigObject> generation) {
    TreeSet<Integer> ids = new TreeSet<>(config.tokenIds("eos_token_id", vocabSize));
    generation.ifPresent(g -> ids.addAll(g.tokenIds("eos_token_id", vocabSize)));
    return List.copyOf(ids);
  }

  private int padTokenId(int vocabSize) {
    JsonNode id = config.value("pad_token_id");
    return id.isMissingNode() ? -1 : config.integer("pad_token_id", id, 0, vocabSize - 1);
  }

  private boolean isMxfp4() {
    Optional<ConfigObject> quantization = config.object("quantization_config");
    quantization.ifPresent(
        q -> {
          if (!q.string("quant_method", "").equals("mxfp4")) {
            throw q.unsupported("quant_method", "\"mxfp4\" or no quantization_config");
          }
        });
    return quantization.isPresent();
  }

  private List<String> warnings(ModelConfig model) {
    List<String> warnings = new ArrayList<>();
    if (!config.defaulted().isEmpty()) {
      warnings.add(
          "%s: has no %s; took gpt-oss's defaults"
              .formatted(UntrustedText.oneLine(file), String.join(", ", config.defaulted())));
    }
    if (model.maxPositions()
        > (double) model.rope().originalMaxPositions() * model.rope().factor()) {
      warnings.add(
          "%s: the context of %s tokens exceeds what the rotary positions are stretched to"
              .formatted(UntrustedText.oneLine(file), model.maxPositions()));
    }
    return warnings;
  }
}
