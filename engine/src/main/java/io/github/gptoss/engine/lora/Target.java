package io.github.gptoss.engine.lora;

import io.github.gptoss.engine.model.ModelConfig;

/** A matrix of a layer that an adapter may change. */
public enum Target {
  Q("self_attn.q_proj"),
  K("self_attn.k_proj"),
  V("self_attn.v_proj"),
  O("self_attn.o_proj"),
  /** The gate and up rows of all experts, interleaved. */
  GATE_UP("mlp.experts.gate_up_proj"),
  DOWN("mlp.experts.down_proj");

  private final String module;

  Target(String module) {
    this.module = module;
  }

  /** PEFT's name of the module or parameter, such as {@code model.layers.3.self_attn.q_proj}. */
  String key(int layer) {
    return "model.layers." + layer + "." + module;
  }

  boolean isExperts() {
    return this == GATE_UP || this == DOWN;
  }

  String inputs() {
    return switch (this) {
      case Q, K, V, GATE_UP -> "hidden";
      case O -> "heads*head_dim";
      case DOWN -> "intermediate";
    };
  }

  int inputs(ModelConfig model) {
    return switch (this) {
      case Q, K, V, GATE_UP -> model.hiddenSize();
      case O -> model.queryWidth();
      case DOWN -> model.intermediateSize();
    };
  }

  String outputs() {
    return switch (this) {
      case Q -> "heads*head_dim";
      case K, V -> "kv_heads*head_dim";
      case O, DOWN -> "hidden";
      case GATE_UP -> "2*intermediate";
    };
  }

  int outputs(ModelConfig model) {
    return switch (this) {
      case Q -> model.queryWidth();
      case K, V -> model.kvWidth();
      case O, DOWN -> model.hiddenSize();
      case GATE_UP -> 2 * model.intermediateSize();
    };
  }

  int experts(ModelConfig model) {
    return isExperts() ? model.experts() : 1;
  }
}
