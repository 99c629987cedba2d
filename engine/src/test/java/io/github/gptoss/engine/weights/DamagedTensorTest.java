package io.github.gptoss.engine.weights;

import java.util.ArrayList;
import java.util.List;

/** Tensors that are missing, misnamed, misshapen or spoilt. */
class DamagedTensorTest extends DamageCases {
  @Override
  void cases() {
    tensors();
  }

  private void tensors() {
    for (String name :
        List.of(
            "lm_head.weight",
            "model.embed_tokens.weight",
            "model.norm.weight",
            SINKS,
            Q,
            SCALES,
            BLOCKS)) {
      tensor(
          "without " + name,
          r -> r.remove(name),
          WEIGHTS,
          "tensor '" + name + "' is missing",
          "download is complete");
    }
    tensor(
        "misspelt",
        r -> r.rename(SINKS, SINKS.replace("sinks", "sink")),
        "'" + SINKS + "' is missing (there is '" + SINKS.replace("sinks", "sink") + "'");
    tensor(
        "no neighbour suggested",
        r -> r.remove("model.layers.1.self_attn.k_proj.bias"),
        "'model.layers.1.self_attn.k_proj.bias' is missing, expected one of dtype BF16 or F32 or F16 and shape [64] = [kv_heads*head_dim]");
    tensor(
        "all tensors of another model",
        r -> r.header.retain("__metadata__"),
        "no tensor of a gpt-oss model",
        "none at all");
    for (String suffix :
        List.of(
            "input_layernorm.weight",
            "post_attention_layernorm.weight",
            "self_attn.q_proj.weight",
            "self_attn.q_proj.bias",
            "self_attn.k_proj.weight",
            "self_attn.k_proj.bias",
            "self_attn.v_proj.weight",
            "self_attn.v_proj.bias",
            "self_attn.o_proj.weight",
            "self_attn.o_proj.bias",
            "self_attn.sinks",
            "mlp.router.weight",
            "mlp.router.bias",
            "mlp.experts.gate_up_proj_blocks",
            "mlp.experts.gate_up_proj_scales",
            "mlp.experts.gate_up_proj_bias",
            "mlp.experts.down_proj_blocks",
            "mlp.experts.down_proj_scales",
            "mlp.experts.down_proj_bias")) {
      String name = "model.layers.3." + suffix;
      tensor(
          "wrong shape of " + suffix,
          r -> reshape(r, name),
          "tensor '" + name + "' has shape [2, ",
          "from config.json",
          "same model");
      tensor(
          "wrong dtype of " + suffix,
          r -> retype(r, name),
          "tensor '" + name + "' has dtype I",
          "expected");
    }
    tensor(
        "wrong shape of norm",
        r -> reshape(r, "model.norm.weight"),
        "'model.norm.weight' has shape [2, 64], expected [128] = [hidden]");
    tensor(
        "transposed",
        r -> r.shape(Q, 128, 256),
        "'" + Q + "' has shape [128, 256], expected [256, 128]");
    tensor(
        "both forms of experts",
        r -> r.append("model.layers.0.mlp.experts.down_proj", "BF16", 262_144, 8, 128, 128),
        "'model.layers.0.mlp.experts.down_proj' does not fit",
        "MXFP4");
    damage(
        "scales beside dense experts",
        GoldenModels.DENSE,
        dir ->
            change(
                dir.resolve(WEIGHTS),
                r -> r.append("model.layers.1.mlp.experts.down_proj_scales", "U8", 4, 4)),
        "'model.layers.1.mlp.experts.down_proj_scales' does not fit",
        "not quantised");
    damage(
        "dense experts missing",
        GoldenModels.DENSE,
        dir -> change(dir.resolve(WEIGHTS), r -> r.remove("model.layers.1.mlp.experts.down_proj")),
        "'model.layers.1.mlp.experts.down_proj' is missing");
    damage(
        "dense experts not transposed",
        GoldenModels.DENSE,
        dir ->
            change(
                dir.resolve(WEIGHTS),
                r -> r.shape("model.layers.1.mlp.experts.down_proj", 4, 64, 96)),
        "has shape [4, 64, 96], expected [4, 96, 64] = [experts, intermediate, hidden]");
    for (int position : new int[] {0, 1, 7, 8, 2047, 4095}) {
      tensor(
          "NaN scale " + position,
          r -> r.data[r.begin(SCALES) + position] = (byte) 0xFF,
          "tensor '"
              + SCALES
              + "' has scale 255 (NaN) at expert "
              + position / 512
              + ", row "
              + position / 4 % 128
              + ", block "
              + position % 4
              + ", expected 0 to 254");
    }
    tensor(
        "foreign names",
        r -> {
          List<String> names = new ArrayList<>();
          r.header.fieldNames().forEachRemaining(names::add);
          names.remove("__metadata__");
          names.forEach(name -> r.rename(name, "transformer." + name));
        },
        "no tensor of a gpt-oss model",
        "'transformer.");
  }
}
