package io.github.gptoss.engine.weights;

import java.math.BigInteger;
import java.nio.file.Files;
import java.util.List;

/** Safetensors headers that are broken or hostile. */
class DamagedHeaderTest extends DamageCases {
  @Override
  void cases() {
    headers();
    places();
  }

  private void headers() {
    length("header length 0", 0, "header length of 0");
    length("header length 1", 1, "header length of 1");
    length("header length beyond file", 50_000_000, "header length of 50000000", "1800704 bytes");
    length(
        "header length above 100 MB", 100_000_001, "header length of 100000001", "2 to 100000000");
    length(
        "header length with the high bit",
        0x8000_0000_0000_0010L,
        "header length of 9223372036854775824");
    length("header cut", 3_000, "not valid JSON");
    header("header not JSON", text -> text.replace('{', '('), "not valid JSON");
    header("header an array", text -> "[1, 2]", "not a JSON object");
    header("header deeply nested", text -> "{\"a\":{\"b\":" + "[".repeat(1_000_000), "too deep");
    header("header trailing garbage", text -> text + " x", "not valid JSON");
    header("header of two objects", text -> text + "{}", "goes on after the JSON object");
    header(
        "duplicate tensor",
        text -> text.replaceFirst("\"model.norm.weight\"", "\"lm_head.weight\""),
        "the key 'lm_head.weight' is there twice");
    header(
        "metadata not strings",
        text -> text.replace("\"format\":\"pt\"", "\"format\":{}"),
        "'__metadata__'");
    damage(
        "invalid UTF-8",
        GoldenModels.SINGLE,
        dir -> {
          byte[] bytes = Files.readAllBytes(dir.resolve(WEIGHTS));
          bytes[8 + 20] = (byte) 0xFF;
          Files.write(dir.resolve(WEIGHTS), bytes);
        },
        "not valid JSON",
        "UTF-8");
    header(
        "tensor names without end", text -> "{\"" + "n".repeat(1_000_000) + "\":{}}", "too long");
    header("too many tensors", text -> manyTensors(), "more than 100000 tensors");
    damage("GGUF inside", GoldenModels.SINGLE, dir -> start(dir, "GGUF\3\0\0\0"), "is a GGUF file");
    damage("pickle inside", GoldenModels.SINGLE, dir -> start(dir, "PK\3\4aaaa"), "PyTorch or zip");
    damage(
        "LFS pointer",
        GoldenModels.SINGLE,
        dir ->
            Files.writeString(
                dir.resolve(WEIGHTS), "version https://git-lfs.github.com/spec/v1\noid"),
        "Git LFS",
        "git lfs pull");
    damage(
        "HTML page",
        GoldenModels.SINGLE,
        dir -> Files.writeString(dir.resolve(WEIGHTS), "<!DOCTYPE html><html></html>"),
        "HTML");
  }

  private void places() {
    tensor(
        "unknown dtype",
        r -> r.entry(Q).put("dtype", "F4"),
        "'" + Q + "' has dtype 'F4', expected one of");
    tensor(
        "dtype not text",
        r -> r.entry(Q).put("dtype", 16),
        "'" + Q + "' has a 'dtype' that is no string");
    tensor("dtype missing", r -> r.entry(Q).remove("dtype"), "'" + Q + "' has no 'dtype'");
    tensor("shape missing", r -> r.entry(Q).remove("shape"), "'" + Q + "' has no 'shape'");
    tensor("shape text", r -> r.entry(Q).put("shape", "[256]"), "'shape' that is no array");
    tensor("shape fractional", r -> r.entry(Q).putArray("shape").add(256.5).add(128), "no integer");
    tensor("shape negative", r -> r.shape(Q, -256, -128), "with -256");
    tensor(
        "shape beyond 64 bits",
        r -> r.entry(Q).putArray("shape").add(new BigInteger("18446744073709551616")),
        "18446744073709551616");
    tensor("shape overflowing", r -> r.shape(Q, 1L << 40, 1L << 40), "overflows");
    tensor(
        "shape overflowing to the right size",
        r -> r.shape(Q, 1L << 32, 1L << 32, 256, 128),
        "overflows");
    tensor(
        "shape of many dimensions", r -> r.shape(Q, 1, 1, 1, 1, 1, 1, 1, 256, 128), "more than 8");
    tensor("offsets missing", r -> r.entry(Q).remove("data_offsets"), "no 'data_offsets'");
    tensor(
        "one offset", r -> r.entry(Q).putArray("data_offsets").add(3), "no 'data_offsets' of two");
    tensor(
        "three offsets",
        r -> r.entry(Q).putArray("data_offsets").add(1).add(2).add(3),
        "more than 2");
    tensor("offsets reversed", r -> r.offsets(Q, r.end(Q), r.begin(Q)), "end before they begin");
    tensor("offsets negative", r -> r.offsets(Q, -1, r.end(Q)), "with -1");
    tensor(
        "offsets out of range",
        r -> r.offsets(Q, 1L << 40, (1L << 40) + 65536),
        "[1099511627776, 1099511693312]",
        "cut short");
    tensor(
        "offsets at the end of 64 bits",
        r -> r.offsets(Q, Long.MAX_VALUE - 65536, Long.MAX_VALUE),
        "cut short");
    tensor(
        "bytes not those of the shape",
        r -> r.offsets(Q, r.begin(Q), r.end(Q) - 2),
        "'" + Q + "' has 65534 bytes by its data_offsets, expected 65536 for BF16[256, 128]");
    tensor(
        "overlap",
        r -> r.offsets(Q, r.begin(Q) - 512, r.end(Q) - 512),
        "'" + Q + "' begins at byte",
        "overlap");
    tensor(
        "same bytes twice",
        r ->
            r.offsets(
                "model.norm.weight",
                r.begin("model.layers.0.input_layernorm.weight"),
                r.end("model.layers.0.input_layernorm.weight")),
        "overlap");
    for (String name : List.of("model.norm.weight", Q, SINKS, BLOCKS, SCALES)) {
      tensor(
          "entry deleted of " + name,
          r -> r.header.remove(name),
          WEIGHTS + ": tensor '" + name + "' is missing, expected one of dtype ",
          " = [",
          "download is complete");
    }
    tensor(
        "entry deleted of the last tensor",
        r -> r.header.remove(r.last()),
        "is missing, expected one of dtype ");
    damage(
        "entry deleted in a shard",
        GoldenModels.SHARDED,
        dir -> change(dir.resolve("model-00002-of-00002.safetensors"), r -> r.header.remove(SINKS)),
        "model-00002-of-00002.safetensors: tensor '" + SINKS + "' is missing, expected one of",
        "dtype BF16 or F32 or F16 and shape [6] = [heads] from config.json");
    damage(
        "entry deleted in a shard and in its index",
        GoldenModels.SHARDED,
        dir -> {
          change(dir.resolve("model-00002-of-00002.safetensors"), r -> r.header.remove(SINKS));
          changeIndex(dir, map -> map.remove(SINKS));
        },
        INDEX + ": tensor '" + SINKS + "' is missing, expected one of");
    damage(
        "entry deleted in OpenAI's layout",
        GoldenModels.ORIGINAL,
        dir -> change(dir.resolve(WEIGHTS), r -> r.header.remove("block.0.mlp.mlp1_weight.blocks")),
        WEIGHTS + ": tensor 'block.0.mlp.mlp1_weight.blocks' is missing",
        "dtype U8 and shape [");
    tensor(
        "gap without a missing tensor",
        r -> {
          r.append("extra", "U8", 5, 5);
          r.append("rear", "U8", 1, 1);
          r.header.remove("extra");
        },
        "tensor 'rear' begins at byte",
        "belong to no tensor");
    tensor(
        "bytes at the end without a tensor",
        r -> {
          r.append("extra", "U8", 5, 5);
          r.header.remove("extra");
        },
        "bytes at its end belong to no tensor");
    damage(
        "gap in a shard without a missing tensor",
        GoldenModels.SHARDED,
        dir ->
            change(
                dir.resolve(SHARD_0),
                r -> {
                  r.append("extra", "U8", 5, 5);
                  r.header.remove("extra");
                }),
        SHARD_0,
        "bytes at its end belong to no tensor");
    tensor("entry not an object", r -> r.header.put(Q, 1), "'" + Q + "' is no JSON object");
  }
}
