#!/usr/bin/env python3
"""Convert a HF-layout gpt-oss checkpoint to GGUF v3 (arch gpt-oss) with a synthetic gpt2-type vocabulary.

Usage: to_gguf.py MODELDIR OUT.gguf [--dense bf16|q8_0|f32]
--dense is the type of token_embd / output / attn_{q,k,v,output} weights. q8_0 = what the public mxfp4 GGUFs ship.
"""
import argparse, struct
import numpy as np
from checkpoint import Checkpoint, bf16_to_f32

F32, Q8_0, BF16, MXFP4 = 0, 8, 30, 39
T_U32, T_I32, T_F32, T_BOOL, T_STR, T_ARR = 4, 5, 6, 7, 8, 9
ALIGN = 32


def s(x):
    b = x.encode() if isinstance(x, str) else x
    return struct.pack("<Q", len(b)) + b


def gpt2_byte_chars():
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    m, n = {}, 0
    for b in range(256):
        if b in keep:
            m[b] = chr(b)
        else:
            m[b] = chr(256 + n); n += 1
    return [m[b] for b in range(256)]


def vocab(n, eos, pad):
    t = gpt2_byte_chars()
    t += [f"t{i:06d}" for i in range(256, n)]
    ty = [1] * n
    if n >= 201088:
        for i, nm in {199998: "<|startoftext|>", 199999: "<|endoftext|>", 200002: "<|return|>", 200003: "<|constrain|>",
                      200005: "<|channel|>", 200006: "<|start|>", 200007: "<|end|>", 200008: "<|message|>",
                      200012: "<|call|>"}.items():
            t[i] = nm; ty[i] = 3
        bos = 199998
    else:
        bos = n - 3
        for i, nm in {bos: "<|startoftext|>", eos: "<|return|>", pad: "<|endoftext|>"}.items():
            t[i] = nm; ty[i] = 3
    return t, ty, bos


def hf_blocks_to_ggml(blocks, scales):
    """HF: byte j of a 32-block = elements 2j (low nibble), 2j+1 (high).  ggml: byte j = element j (low), j+16 (high)."""
    lo, hi = blocks & 15, blocks >> 4
    out = np.empty(blocks.shape[:-1] + (17,), np.uint8)
    out[..., 0] = scales
    # element order e0..e31: e[2j]=lo[j], e[2j+1]=hi[j]
    out[..., 1::2] = lo[..., :8] | (lo[..., 8:] << 4)   # ggml bytes 0,2,4..14: elements 2j' and 2j'+16
    out[..., 2::2] = hi[..., :8] | (hi[..., 8:] << 4)
    return out


def to_q8_0(x):
    b = x.reshape(-1, 32)
    amax = np.abs(b).max(1)
    d = (amax / 127).astype(np.float32)
    inv = np.where(d > 0, 1 / np.where(d > 0, d, 1), 0).astype(np.float32)
    q = np.rint(b * inv[:, None]).astype(np.int8)
    out = np.empty((b.shape[0], 34), np.uint8)
    out[:, :2] = d.astype(np.float16).view(np.uint8).reshape(-1, 2)
    out[:, 2:] = q.view(np.uint8)
    return out


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("model"); ap.add_argument("out"); ap.add_argument("--dense", default="q8_0", choices=["bf16", "q8_0", "f32"])
    a = ap.parse_args()
    ck = Checkpoint(a.model); c = ck.cfg
    E, H, I, L, V = c["num_local_experts"], c["hidden_size"], c["intermediate_size"], c["num_hidden_layers"], c["vocab_size"]
    dense = {"bf16": BF16, "q8_0": Q8_0, "f32": F32}[a.dense]
    A = "gpt-oss."
    kv = []
    def add(k, t, v): kv.append(s(k) + struct.pack("<I", t) + v)
    U = lambda k, v: add(k, T_U32, struct.pack("<I", v))
    F = lambda k, v: add(k, T_F32, struct.pack("<f", v))
    S = lambda k, v: add(k, T_STR, s(v))
    S("general.architecture", "gpt-oss"); S("general.name", "random gpt-oss"); U("general.alignment", ALIGN)
    U("general.file_type", 38 if dense != BF16 else 32)
    U(A + "block_count", L); U(A + "context_length", c["max_position_embeddings"]); U(A + "embedding_length", H)
    U(A + "feed_forward_length", I); U(A + "expert_feed_forward_length", I)
    U(A + "attention.head_count", c["num_attention_heads"]); U(A + "attention.head_count_kv", c["num_key_value_heads"])
    U(A + "attention.key_length", c["head_dim"]); U(A + "attention.value_length", c["head_dim"])
    F(A + "attention.layer_norm_rms_epsilon", c["rms_norm_eps"]); U(A + "attention.sliding_window", c["sliding_window"])
    U(A + "expert_count", E); U(A + "expert_used_count", c["num_experts_per_tok"])
    rs = c["rope_scaling"]
    F(A + "rope.freq_base", c["rope_theta"]); S(A + "rope.scaling.type", "yarn"); F(A + "rope.scaling.factor", rs["factor"])
    U(A + "rope.scaling.original_context_length", rs["original_max_position_embeddings"])
    F(A + "rope.scaling.yarn_beta_fast", rs["beta_fast"]); F(A + "rope.scaling.yarn_beta_slow", rs["beta_slow"])
    tk, ty, bos = vocab(V, c["eos_token_id"], c["pad_token_id"])
    S("tokenizer.ggml.model", "gpt2"); S("tokenizer.ggml.pre", "gpt-4o")
    add("tokenizer.ggml.tokens", T_ARR, struct.pack("<IQ", T_STR, V) + b"".join(map(s, tk)))
    add("tokenizer.ggml.token_type", T_ARR, struct.pack("<IQ", T_I32, V) + np.asarray(ty, np.int32).tobytes())
    merges = ["t 0", "t 1"]
    add("tokenizer.ggml.merges", T_ARR, struct.pack("<IQ", T_STR, len(merges)) + b"".join(map(s, merges)))
    U("tokenizer.ggml.bos_token_id", bos); U("tokenizer.ggml.eos_token_id", c["eos_token_id"])
    U("tokenizer.ggml.padding_token_id", c["pad_token_id"])
    add("tokenizer.ggml.add_bos_token", T_BOOL, b"\0")

    tens = []  # name, dims (ggml order), type, nbytes, writer(f)
    def put(name, shape, t, wr):
        n = int(np.prod(shape))
        nb = {F32: 4 * n, BF16: 2 * n, Q8_0: n // 32 * 34, MXFP4: n // 32 * 17}[t]
        tens.append((name, shape[::-1], t, nb, wr))
    def fl(name, src, sl=None):
        r = ck.raw(src); r = r if sl is None else r[sl]
        put(name, list(r.shape), F32, lambda f, r=r: f.write(bf16_to_f32(np.ascontiguousarray(r)).tobytes()))
    def dn(name, src):
        r = ck.raw(src)
        def wr(f):
            rows = max(1, (1 << 24) // r.shape[1])
            for o in range(0, r.shape[0], rows):
                x = r[o:o + rows]
                f.write(x.tobytes() if dense == BF16 else bf16_to_f32(x).tobytes() if dense == F32 else to_q8_0(bf16_to_f32(x)).tobytes())
        put(name, list(r.shape), dense, wr)
    def mx(name, src, sl=slice(None)):
        b, sc = ck.raw(src + "_blocks")[:, sl], ck.raw(src + "_scales")[:, sl]
        def wr(f):
            for e in range(b.shape[0]):
                f.write(hf_blocks_to_ggml(b[e], sc[e]).tobytes())
        put(name, [b.shape[0], b.shape[1], b.shape[2] * 32], MXFP4, wr)
    dn("token_embd.weight", "model.embed_tokens.weight")
    for i in range(L):
        p, g = f"model.layers.{i}.", f"blk.{i}."
        fl(g + "attn_norm.weight", p + "input_layernorm.weight")
        for hf, gg in (("q_proj", "attn_q"), ("k_proj", "attn_k"), ("v_proj", "attn_v"), ("o_proj", "attn_output")):
            dn(g + gg + ".weight", p + f"self_attn.{hf}.weight"); fl(g + gg + ".bias", p + f"self_attn.{hf}.bias")
        fl(g + "attn_sinks.weight", p + "self_attn.sinks")
        fl(g + "post_attention_norm.weight", p + "post_attention_layernorm.weight")
        fl(g + "ffn_gate_inp.weight", p + "mlp.router.weight"); fl(g + "ffn_gate_inp.bias", p + "mlp.router.bias")
        e = p + "mlp.experts."
        for gg, off in (("ffn_gate_exps", 0), ("ffn_up_exps", 1)):
            mx(g + gg + ".weight", e + "gate_up_proj", slice(off, None, 2))
            fl(g + gg + ".bias", e + "gate_up_proj_bias", (slice(None), slice(off, None, 2)))
        mx(g + "ffn_down_exps.weight", e + "down_proj"); fl(g + "ffn_down_exps.bias", e + "down_proj_bias")
    fl("output_norm.weight", "model.norm.weight")
    dn("output.weight", "lm_head.weight")

    with open(a.out, "wb") as f:
        f.write(struct.pack("<4sIQQ", b"GGUF", 3, len(tens), len(kv)))
        for k in kv: f.write(k)
        off = 0
        for n, d, t, nb, _ in tens:
            f.write(s(n) + struct.pack("<I", len(d)) + struct.pack(f"<{len(d)}Q", *d) + struct.pack("<IQ", t, off))
            off += -(-nb // ALIGN) * ALIGN
        f.write(b"\0" * (-f.tell() % ALIGN))
        for n, d, t, nb, wr in tens:
            p0 = f.tell(); wr(f)
            assert f.tell() - p0 == nb, (n, f.tell() - p0, nb)
            f.write(b"\0" * (-nb % ALIGN))
        print(f"{a.out}: {len(tens)} tensors, {f.tell()/1e9:.3f} GB")


if __name__ == "__main__":
    main()
