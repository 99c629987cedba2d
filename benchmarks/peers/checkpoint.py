"""Reads a gpt-oss checkpoint in the Hugging Face layout: one safetensors file or several with an index."""
import json
import os
import struct

import numpy as np

DTYPES = {"BF16": np.uint16, "U8": np.uint8, "F32": np.float32}


def bf16_to_f32(bits):
    """float32 of bfloat16 bit patterns (uint16)."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


class Checkpoint:
    """cfg is config.json; raw(name) maps a tensor: uint16 for BF16, uint8 for U8, float32 for F32."""

    def __init__(self, folder):
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            self.cfg = json.load(file)
        index = os.path.join(folder, "model.safetensors.index.json")
        if os.path.exists(index):
            with open(index, encoding="utf-8") as file:
                names = sorted(set(json.load(file)["weight_map"].values()))
        else:
            names = ["model.safetensors"]
        self.tensors = {}
        for name in names:
            self._read_header(os.path.join(folder, name))

    def _read_header(self, path):
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        data = np.memmap(path, np.uint8, "r", offset=8 + length)
        for name, tensor in header.items():
            self.tensors[name] = (data, tensor)

    def raw(self, name):
        data, tensor = self.tensors[name]
        begin, end = tensor["data_offsets"]
        return np.asarray(data[begin:end]).view(DTYPES[tensor["dtype"]]).reshape(tensor["shape"])
