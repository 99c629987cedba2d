"""Takes the calls that gpu/compare.py makes of transformers; computes nothing."""
import time
from types import SimpleNamespace

from torch import Tensor

__version__ = "stand-in"


class GptOssConfig:
    NAMES = {"num_hidden_layers", "num_local_experts", "hidden_size", "intermediate_size", "head_dim", "num_attention_heads",
             "num_key_value_heads", "vocab_size"}

    def __init__(self, **shape):
        assert shape.keys() <= self.NAMES, shape
        self.vocab_size = shape.get("vocab_size", 201088)


class DynamicCache:
    def __init__(self, config):
        self.tokens = 0


class GptOssForCausalLM:
    def __init__(self, config):
        self.config = config

    def eval(self):
        return self

    def __call__(self, tokens, past_key_values, use_cache, logits_to_keep=0):
        assert use_cache
        batch, count = tokens.shape
        past_key_values.tokens += count
        time.sleep(1e-4)
        return SimpleNamespace(logits=Tensor(batch, logits_to_keep or count, self.config.vocab_size))
