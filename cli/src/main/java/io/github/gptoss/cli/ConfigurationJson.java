package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.model.RopeScaling;

/** A model's configuration under the names of transformers' config.json, whatever its layout. */
final class ConfigurationJson {
  private ConfigurationJson() {}

  static ObjectNode of(ModelConfig config) {
    ObjectNode json = Json.object();
    json.put("vocab_size", config.vocabSize());
    json.put("hidden_size", config.hiddenSize());
    json.put("intermediate_size", config.intermediateSize());
    json.put("num_hidden_layers", config.layers());
    json.put("num_attention_heads", config.heads());
    json.put("num_key_value_heads", config.kvHeads());
    json.put("head_dim", config.headDim());
    json.put("num_local_experts", config.experts());
    json.put("num_experts_per_tok", config.expertsPerToken());
    json.put("sliding_window", config.slidingWindow());
    ArrayNode layers = json.putArray("layer_types");
    for (AttentionKind kind : config.attention()) {
      layers.add(kind == AttentionKind.WINDOW ? "sliding_attention" : "full_attention");
    }
    json.put("rope_theta", config.ropeTheta());
    RopeScaling rope = config.rope();
    json.putObject("rope_scaling")
        .put("factor", rope.factor())
        .put("beta_fast", rope.betaFast())
        .put("beta_slow", rope.betaSlow())
        .put("original_max_position_embeddings", rope.originalMaxPositions())
        .put("truncate", rope.truncate());
    json.put("rms_norm_eps", config.rmsNormEps());
    json.put("swiglu_limit", config.swigluLimit());
    json.put("max_position_embeddings", config.maxPositions());
    ArrayNode eos = json.putArray("eos_token_id");
    config.eosTokenIds().forEach(eos::add);
    return json;
  }
}
