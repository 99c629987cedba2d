package io.github.gptoss.engine.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.model.ConfigReader;
import io.github.gptoss.engine.model.ModelConfig;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Writes a checkpoint of random weights whose activations stay about as large as they begin, in the
 * Hugging Face layout with MXFP4 experts.
 */
public final class RandomCheckpoint {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CHUNK = 1 << 16;

  /** Standard deviation of a number that is uniform between -1 and 1. */
  private static final double UNIFORM = 1 / Math.sqrt(3);

  /** Root mean square of a random E2M1 code. */
  private static final double CODE = 2.926;

  /** A tensor: bfloat16 numbers around a mean, or random codes, or scales about an exponent. */
  private record Tensor(
      String name, String dtype, double mean, double deviation, int exponent, long... shape) {
    long elements() {
      long count = 1;
      for (long size : shape) {
        count *= size;
      }
      return count;
    }

    long bytes() {
      return dtype.equals("BF16") ? 2 * elements() : elements();
    }
  }

  private final ModelConfig config;
  private final List<Tensor> tensors = new ArrayList<>();

  private RandomCheckpoint(ModelConfig config) {
    this.config = config;
    int hidden = config.hiddenSize();
    numbers("model.embed_tokens.weight", 0, 1, config.vocabSize(), hidden);
    for (int l = 0; l < config.layers(); l++) {
      layer("model.layers." + l + ".");
    }
    numbers("model.norm.weight", 1, 0.1, hidden);
    numbers("lm_head.weight", 0, 3 / Math.sqrt(hidden), config.vocabSize(), hidden);
  }

  /**
   * Writes config.json and model.safetensors.
   *
   * @param configJson of the model; its weights follow from it and the seed
   */
  public static void write(Path folder, String configJson, long seed) throws IOException {
    RandomCheckpoint checkpoint = new RandomCheckpoint(config(folder, configJson));
    SplittableRandom random = new SplittableRandom(seed);
    try (OutputStream out =
        new BufferedOutputStream(
            Files.newOutputStream(folder.resolve("model.safetensors")), 1 << 20)) {
      out.write(checkpoint.header());
      for (Tensor tensor : checkpoint.tensors) {
        write(tensor, out, random);
      }
    }
  }

  /**
   * Writes config.json and a model.safetensors whose tensors are zeros that take no space on the
   * disk: the shape of a model for those who bring its weights from elsewhere.
   */
  public static void writeHollow(Path folder, String configJson) throws IOException {
    RandomCheckpoint checkpoint = new RandomCheckpoint(config(folder, configJson));
    ByteBuffer header = ByteBuffer.wrap(checkpoint.header());
    long bytes = checkpoint.tensors.stream().mapToLong(Tensor::bytes).sum();
    long end = header.remaining() + bytes;
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("model.safetensors"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE)) {
      while (header.hasRemaining()) {
        file.write(header);
      }
      file.write(ByteBuffer.allocate(1), end - 1);
    }
  }

  private static ModelConfig config(Path folder, String configJson) throws IOException {
    Path file = folder.resolve("config.json");
    byte[] json = configJson.getBytes(StandardCharsets.UTF_8);
    Files.write(file, json);
    return ConfigReader.read(file, json, file, Optional.empty()).model();
  }

  private void numbers(String name, double mean, double deviation, long... shape) {
    tensors.add(new Tensor(name, "BF16", mean, deviation, 0, shape));
  }

  private void experts(String name, long rows, long width, double deviation) {
    int exponent = (int) Math.round(127 + Math.log(deviation / CODE) / Math.log(2));
    long count = config.experts();
    tensors.add(new Tensor(name + "_blocks", "U8", 0, 0, 0, count, rows, width / 32, 16));
    tensors.add(new Tensor(name + "_scales", "U8", 0, 0, exponent, count, rows, width / 32));
    numbers(name + "_bias", 0, 0.1, count, rows);
  }

  private void layer(String prefix) {
    int hidden = config.hiddenSize();
    int inner = config.intermediateSize();
    double even = 1 / Math.sqrt(hidden);
    numbers(prefix + "input_layernorm.weight", 1, 0.1, hidden);
    projection(prefix + "self_attn.q_proj", config.queryWidth(), hidden, even);
    projection(prefix + "self_attn.k_proj", config.kvWidth(), hidden, even);
    projection(prefix + "self_attn.v_proj", config.kvWidth(), hidden, even);
    projection(
        prefix + "self_attn.o_proj",
        hidden,
        config.queryWidth(),
        1.5 / Math.sqrt(config.queryWidth()));
    numbers(prefix + "self_attn.sinks", 0.5, 1, config.heads());
    numbers(prefix + "post_attention_layernorm.weight", 1, 0.1, hidden);
    projection(prefix + "mlp.router", config.experts(), hidden, 2 * even);
    experts(prefix + "mlp.experts.gate_up_proj", 2L * inner, hidden, 1.2 * even);
    experts(prefix + "mlp.experts.down_proj", hidden, inner, 0.7 / Math.sqrt(inner));
  }

  private void projection(String name, long rows, long width, double deviation) {
    numbers(name + ".weight", 0, deviation, rows, width);
    numbers(name + ".bias", 0, 0.1, rows);
  }

  /** The file's beginning: the header's length and the header. */
  private byte[] header() throws IOException {
    ObjectNode header = JSON.createObjectNode();
    long offset = 0;
    for (Tensor tensor : tensors) {
      ObjectNode entry = header.putObject(tensor.name()).put("dtype", tensor.dtype());
      for (long size : tensor.shape()) {
        entry.withArray("shape").add(size);
      }
      entry.putArray("data_offsets").add(offset).add(offset += tensor.bytes());
    }
    byte[] text = JSON.writeValueAsBytes(header);
    return buffer(8 + text.length).putLong(text.length).put(text).array();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void write(Tensor tensor, OutputStream out, SplittableRandom random)
      throws IOException {
    ByteBuffer chunk = buffer(CHUNK);
    double scale = tensor.deviation() / UNIFORM / 32768;
    for (long left = tensor.bytes(); left > 0; left -= CHUNK) {
      chunk.clear();
      while (chunk.hasRemaining()) {
        long bits = random.nextLong();
        if (tensor.dtype().equals("BF16")) {
          for (int i = 0; i < 4; i++, bits >>>= 16) {
            float value = (float) (tensor.mean() + (short) bits * scale);
            chunk.putShort((short) (Float.floatToRawIntBits(value) + 0x8000 >>> 16));
          }
        } else if (tensor.exponent() == 0) {
          chunk.putLong(bits);
        } else {
          for (int i = 0; i < 8; i++, bits >>>= 8) {
            chunk.put((byte) (tensor.exponent() + (bits & 1)));
          }
        }
      }
      out.write(chunk.array(), 0, (int) Math.min(CHUNK, left));
    }
  }
}
