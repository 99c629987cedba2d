#!/usr/bin/env python3
"""Writes a LoRA adapter of random numbers as PEFT saves it, for the model in a folder: on q, k, v and o of all layers and on
both expert matrices of all layers. Needs numpy.

Usage: make_adapter.py MODEL OUTPUT [--rank 16] [--seed 0] [--dtype f32|bf16]
"""
import argparse
import json
import pathlib
import struct

import numpy

parser = argparse.ArgumentParser()
parser.add_argument("model", type=pathlib.Path)
parser.add_argument("output", type=pathlib.Path)
parser.add_argument("--rank", type=int, default=16)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--dtype", choices=["f32", "bf16"], default="f32")
arguments = parser.parse_args()

config = json.loads((arguments.model / "config.json").read_text())
layers, hidden, inner = config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"]
experts, rank = config["num_local_experts"], arguments.rank
query = config["num_attention_heads"] * config["head_dim"]
kv = config["num_key_value_heads"] * config["head_dim"]

shapes = {}
for layer in range(layers):
    prefix = f"base_model.model.model.layers.{layer}."
    for module, inputs, outputs, count in [
        ("self_attn.q_proj", hidden, query, 1),
        ("self_attn.k_proj", hidden, kv, 1),
        ("self_attn.v_proj", hidden, kv, 1),
        ("self_attn.o_proj", query, hidden, 1),
        ("mlp.experts.base_layer", hidden, 2 * inner, experts),
        ("mlp.experts", inner, hidden, experts),
    ]:
        shapes[f"{prefix}{module}.lora_A.weight"] = (rank * count, inputs)
        shapes[f"{prefix}{module}.lora_B.weight"] = (outputs, rank * count)

size = 4 if arguments.dtype == "f32" else 2
header, end = {}, 0
for name, shape in shapes.items():
    data = shape[0] * shape[1] * size
    header[name] = {"dtype": arguments.dtype.upper(), "shape": shape, "data_offsets": [end, end + data]}
    end += data
text = json.dumps(header).encode()

arguments.output.mkdir(parents=True, exist_ok=True)
random = numpy.random.default_rng(arguments.seed)
with open(arguments.output / "adapter_model.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    for shape in shapes.values():
        values = random.standard_normal(shape, dtype=numpy.float32) * numpy.float32(0.01)
        file.write(values.tobytes() if size == 4 else (values.view(numpy.uint32) >> 16).astype(numpy.uint16).tobytes())
(arguments.output / "adapter_config.json").write_text(
    json.dumps(
        {
            "peft_type": "LORA",
            "r": rank,
            "lora_alpha": 2 * rank,
            "bias": "none",
            "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"],
            "target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"],
        },
        indent=2,
    )
)
