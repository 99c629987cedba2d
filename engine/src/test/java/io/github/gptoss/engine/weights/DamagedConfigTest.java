package io.github.gptoss.engine.weights;

import java.nio.file.Files;
import java.util.List;

/** Configurations that are broken, of other models, or contradict the tensors. */
class DamagedConfigTest extends DamageCases {
  @Override
  void cases() {
    configs();
    configValues();
    originals();
  }

  private void configs() {
    configText(
        "config truncated", text -> text.substring(0, text.length() / 2), "not valid JSON", "line");
    configText("config empty", text -> "", "nothing", "JSON object");
    configText("config not JSON", text -> "<html>", "not valid JSON");
    configText("config an array", text -> "[" + text + "]", "JSON array", "JSON object");
    configText("config null", text -> "null", "JSON null");
    configText(
        "config duplicate key",
        text -> text.replaceFirst("\\{", "{\"head_dim\": 64,"),
        "the key 'head_dim' is there twice");
    configText("config trailing garbage", text -> text + "}", "not valid JSON");
    configText("config of two objects", text -> text + text, "not valid JSON");
    configText("config deeply nested", text -> "{\"a\":" + "[".repeat(2_000_000), "too deep");
    configText(
        "config too long",
        text -> "{\"a\":\"" + "x".repeat(5 << 20) + "\"}",
        "bytes, expected at most");
    configText(
        "config of huge number",
        text -> text.replace("\"head_dim\": 32", "\"head_dim\": " + "9".repeat(100_000)),
        "not valid JSON");
    configText(
        "generation config broken",
        CONFIG.replace("config", "generation_config"),
        text -> "{",
        "generation_config.json",
        "not valid JSON");
    configText(
        "generation config eos",
        "generation_config.json",
        text -> "{\"eos_token_id\": [1, -7]}",
        "'eos_token_id' is -7",
        "0 to 511");
  }

  private void configValues() {
    config(
        "Llama",
        c -> c.put("model_type", "llama"),
        "'model_type' is \"llama\"",
        "gpt_oss",
        "openai/gpt-oss-20b");
    config("no model_type", c -> c.remove("model_type"), "no 'model_type'", "gpt_oss");
    config("model_type number", c -> c.put("model_type", 3), "'model_type' is 3");
    for (String key :
        List.of(
            "hidden_size",
            "vocab_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "num_local_experts",
            "num_experts_per_tok",
            "intermediate_size",
            "sliding_window",
            "max_position_embeddings")) {
      config(
          key + " is text", c -> c.put(key, "64"), "'" + key + "' is \"64\", expected an integer");
      config(
          key + " negative",
          c -> c.put(key, -64),
          "'" + key + "' is -64, expected an integer from 1");
      config(key + " zero", c -> c.put(key, 0), "'" + key + "' is 0, expected");
      config(key + " fractional", c -> c.put(key, 1.5), "'" + key + "' is 1.5, expected");
      if (!key.equals("num_key_value_heads")) {
        config(key + " null", c -> c.putNull(key), "'" + key + "' is null, expected");
      }
      config(
          key + " too large",
          c -> c.put(key, 1L << 40),
          "'" + key + "' is 1099511627776, expected");
      config(key + " an object", c -> c.putObject(key), "'" + key + "' is an object, expected");
    }
    for (String key : List.of("rms_norm_eps", "rope_theta", "swiglu_limit")) {
      config(key + " NaN", c -> c.put(key, Double.NaN), "'" + key + "' is NaN, expected");
      config(
          key + " infinite",
          c -> c.put(key, Double.POSITIVE_INFINITY),
          "'" + key + "' is Infinity, expected");
      config(key + " negative", c -> c.put(key, -1e-5), "'" + key + "' is -1.0E-5, expected");
      config(key + " text", c -> c.put(key, "1"), "'" + key + "' is \"1\", expected");
    }
    config(
        "heads and kv heads",
        c -> c.put("num_key_value_heads", 3),
        "'num_attention_heads' is 8",
        "'num_key_value_heads' is 3",
        "multiple");
    config("odd head_dim", c -> c.put("head_dim", 31), "'head_dim' is 31", "even");
    config(
        "more active experts than experts",
        c -> c.put("num_experts_per_tok", 9).remove("experts_per_token"),
        "'num_experts_per_tok' is 9",
        "'num_local_experts' is 8");
    config(
        "two counts of active experts",
        c -> c.put("num_experts_per_tok", 2),
        "'num_experts_per_tok' is 2",
        "'experts_per_token' is 4");
    config(
        "layer_types length",
        c -> c.withArray("/layer_types").remove(0),
        "'layer_types' is an array of 3",
        "array of 4");
    config(
        "layer_types name",
        c -> c.withArray("/layer_types").set(1, "chunked_attention"),
        "'layer_types[1]' is \"chunked_attention\"",
        "full_attention");
    config(
        "layer_types no array",
        c -> c.put("layer_types", "full_attention"),
        "'layer_types' is \"full_attention\"");
    config(
        "tied embeddings",
        c -> c.put("tie_word_embeddings", true),
        "'tie_word_embeddings' is true",
        "false");
    config(
        "attention without bias",
        c -> c.put("attention_bias", false),
        "'attention_bias' is false",
        "true");
    config(
        "other activation", c -> c.put("hidden_act", "gelu"), "'hidden_act' is \"gelu\"", "silu");
    config("other alpha", c -> c.put("swiglu_alpha", 1.5), "'swiglu_alpha' is 1.5", "1.702");
    config(
        "other rope",
        c -> c.withObject("/rope_scaling").put("rope_type", "llama3"),
        "'rope_scaling.rope_type' is \"llama3\"",
        "yarn");
    config(
        "rope without factor",
        c -> c.withObject("/rope_scaling").remove("factor"),
        "'rope_scaling.factor' is missing");
    config(
        "rope factor NaN",
        c -> c.withObject("/rope_scaling").put("factor", Double.NaN),
        "'rope_scaling.factor' is NaN");
    config(
        "rope factor below 1",
        c -> c.withObject("/rope_scaling").put("factor", 0.5),
        "'rope_scaling.factor' is 0.5",
        "at least 1");
    config(
        "rope betas",
        c -> c.withObject("/rope_scaling").put("beta_slow", 32),
        "'beta_fast' is 32.0",
        "'beta_slow' is 32.0");
    config(
        "rope truncate",
        c -> c.withObject("/rope_scaling").put("truncate", "no"),
        "'rope_scaling.truncate' is \"no\"");
    config(
        "rope attention factor",
        c -> c.withObject("/rope_scaling").put("attention_factor", 2),
        "'rope_scaling.attention_factor' is 2");
    config(
        "rope text", c -> c.put("rope_scaling", "yarn"), "'rope_scaling' is \"yarn\"", "an object");
    config(
        "other quantisation",
        c -> c.withObject("/quantization_config").put("quant_method", "gptq"),
        "quant_method' is \"gptq\"",
        "mxfp4");
    config(
        "quantisation without method",
        c -> c.putObject("quantization_config"),
        "quant_method' is missing");
    config(
        "eos outside the vocabulary",
        c -> c.put("eos_token_id", 512),
        "'eos_token_id' is 512",
        "0 to 511");
    config("eos text", c -> c.put("eos_token_id", "</s>"), "'eos_token_id' is \"</s>\"");
    config("pad negative", c -> c.put("pad_token_id", -1), "'pad_token_id' is -1");
    config(
        "control characters",
        c -> c.put("model_type", "ll\n\u001b[31mama\u202e"),
        "'model_type' is \"ll??[31mama?\"");

    config(
        "hidden contradicts tensors",
        c -> c.put("hidden_size", 160),
        "tensor 'model.embed_tokens.weight' has shape [512, 128], expected [512, 160] = [vocab, hidden] from config.json");
    config(
        "vocabulary contradicts tensors",
        c -> c.put("vocab_size", 500),
        "has shape [512, 128], expected [500, 128]");
    config(
        "vocabulary by default",
        c -> c.remove("vocab_size"),
        "has shape [512, 128], expected [201088, 128]");
    config(
        "experts contradict tensors",
        c -> c.put("num_local_experts", 16),
        "'model.layers.0.mlp.router.weight' has shape [8, 128], expected [16, 128] = [experts, hidden]");
    config(
        "heads contradict tensors",
        c -> c.put("num_attention_heads", 16),
        "q_proj.weight' has shape [256, 128], expected [512, 128]");
    config(
        "head_dim and heads contradict sinks",
        c -> c.put("num_attention_heads", 16).put("head_dim", 16).put("num_key_value_heads", 4),
        "sinks' has shape [8], expected [16]");
    config(
        "intermediate contradicts tensors",
        c -> c.put("intermediate_size", 96),
        "gate_up_proj_blocks' has shape [8, 256, 4, 16], expected [8, 192, 4, 16] = [experts, 2*intermediate, hidden/32, 16]");
    config(
        "intermediate not in blocks",
        c -> c.put("intermediate_size", 100),
        "'intermediate_size' is 100",
        "multiple of 32");
    config(
        "fewer layers than tensors",
        c -> c.put("num_hidden_layers", 3).remove("layer_types"),
        "'num_hidden_layers' is 3",
        "4 layers");
    config(
        "more layers than tensors",
        c -> c.put("num_hidden_layers", 5).remove("layer_types"),
        "'num_hidden_layers' is 5",
        "4 layers");
  }

  private void originals() {
    damage(
        "original without config",
        GoldenModels.ORIGINAL,
        dir -> Files.delete(dir.resolve(CONFIG)),
        CONFIG,
        "no such file");
    damage(
        "original context overflowing",
        GoldenModels.ORIGINAL,
        dir -> changeConfig(dir, c -> c.put("initial_context_length", Integer.MAX_VALUE)),
        "'initial_context_length' is 2147483647",
        "'rope_scaling_factor' is 32.0");
    damage(
        "original betas",
        GoldenModels.ORIGINAL,
        dir -> changeConfig(dir, c -> c.put("rope_ntk_beta", 1)),
        "'rope_ntk_beta' is 1.0");
    damage(
        "original without qkv",
        GoldenModels.ORIGINAL,
        dir -> change(dir.resolve(WEIGHTS), r -> r.remove("block.1.attn.qkv.weight")),
        "'block.1.attn.qkv.weight' is missing");
    damage(
        "original qkv shape",
        GoldenModels.ORIGINAL,
        dir -> changeConfig(dir, c -> c.put("num_key_value_heads", 4)),
        "'block.0.attn.qkv.weight' has shape [384, 128], expected [512, 128] = [(heads + 2*kv_heads)*head_dim, hidden]");
    damage(
        "original layers",
        GoldenModels.ORIGINAL,
        dir -> changeConfig(dir, c -> c.put("num_hidden_layers", 24)),
        "'num_hidden_layers' is 24",
        "4 layers");
    damage(
        "original NaN scale",
        GoldenModels.ORIGINAL,
        dir ->
            change(
                dir.resolve(WEIGHTS),
                r -> r.data[r.end("block.3.mlp.mlp1_weight.scales") - 1] = -1),
        "'block.3.mlp.mlp1_weight.scales' has scale 255",
        "expert 7, row 255, block 3");
  }
}
