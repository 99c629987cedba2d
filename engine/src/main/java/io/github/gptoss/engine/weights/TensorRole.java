package io.github.gptoss.engine.weights;

/**
 * What a tensor is for, and its name in either family of layouts; null where the family has none.
 * Source: transformers modeling_gpt_oss.py; gpt_oss/torch/model.py and weights.py.
 */
enum TensorRole {
  EMBEDDING("model.embed_tokens.weight", "embedding.weight", false),
  UNEMBEDDING("lm_head.weight", "unembedding.weight", false),
  FINAL_NORM("model.norm.weight", "norm.scale", false),

  ATTENTION_NORM("input_layernorm.weight", "attn.norm.scale", true),
  QKV(null, "attn.qkv.weight", true),
  QKV_BIAS(null, "attn.qkv.bias", true),
  Q("self_attn.q_proj.weight", null, true),
  Q_BIAS("self_attn.q_proj.bias", null, true),
  K("self_attn.k_proj.weight", null, true),
  K_BIAS("self_attn.k_proj.bias", null, true),
  V("self_attn.v_proj.weight", null, true),
  V_BIAS("self_attn.v_proj.bias", null, true),
  O("self_attn.o_proj.weight", "attn.out.weight", true),
  O_BIAS("self_attn.o_proj.bias", "attn.out.bias", true),
  SINKS("self_attn.sinks", "attn.sinks", true),

  MLP_NORM("post_attention_layernorm.weight", "mlp.norm.scale", true),
  ROUTER("mlp.router.weight", "mlp.gate.weight", true),
  ROUTER_BIAS("mlp.router.bias", "mlp.gate.bias", true),
  GATE_UP_BLOCKS("mlp.experts.gate_up_proj_blocks", "mlp.mlp1_weight.blocks", true),
  GATE_UP_SCALES("mlp.experts.gate_up_proj_scales", "mlp.mlp1_weight.scales", true),
  GATE_UP_DENSE("mlp.experts.gate_up_proj", null, true),
  GATE_UP_BIAS("mlp.experts.gate_up_proj_bias", "mlp.mlp1_bias", true),
  DOWN_BLOCKS("mlp.experts.down_proj_blocks", "mlp.mlp2_weight.blocks", true),
  DOWN_SCALES("mlp.experts.down_proj_scales", "mlp.mlp2_weight.scales", true),
  DOWN_DENSE("mlp.experts.down_proj", null, true),
  DOWN_BIAS("mlp.experts.down_proj_bias", "mlp.mlp2_bias", true);

  private final String huggingFace;
  private final String original;
  private final boolean inLayer;

  TensorRole(String huggingFace, String original, boolean inLayer) {
    this.huggingFace = huggingFace;
    this.original = original;
    this.inLayer = inLayer;
  }

  boolean inLayer() {
    return inLayer;
  }

  /** The name without the layer's prefix; null where the family has no such tensor. */
  String suffix(Naming naming) {
    return naming == Naming.ORIGINAL ? original : huggingFace;
  }
}
