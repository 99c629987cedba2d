package io.github.gptoss.engine.lora;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.json.StrictJson;
import io.github.gptoss.engine.tensor.DType;
import io.github.gptoss.engine.tensor.SafetensorsWriter;
import io.github.gptoss.engine.tensor.StoredTensor;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.DenseExperts;
import io.github.gptoss.engine.weights.ExpertFormat;
import io.github.gptoss.engine.weights.ExpertMatrix;
import io.github.gptoss.engine.weights.LayerWeights;
import io.github.gptoss.engine.weights.Layout;
import io.github.gptoss.engine.weights.Mxfp4Experts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Writes a checkpoint whose weights are those of a model with an adapter: every element of a matrix
 * that the adapter changes is computed in float32 and rounded once to the type that is written.
 *
 * <p>Tensors keep their types, with two exceptions. Where the adapter changes MXFP4 experts, all of
 * the model's become bf16, [experts, inputs, outputs], as fine-tuned models are saved; those that
 * it does not change are exact. A float16 matrix that it changes becomes float32, since a sum may
 * be beyond float16.
 */
public final class AdapterMerge {
  /** Bytes of a file of tensors, about what others save. */
  private static final long SHARD_BYTES = 5_000_000_000L;

  private static final int COPY_BYTES = 8 << 20;
  private static final int MAX_CONFIG_BYTES = 4 << 20;

  /** E2M1 values by code; a code's fourth bit is the sign. */
  private static final float[] MAGNITUDES = {0, .5f, 1, 1.5f, 2, 3, 4, 6};

  private final Checkpoint model;
  private final LoraAdapter adapter;
  private final Path folder;
  private final long shardBytes;
  private final Map<String, Source> sources = new LinkedHashMap<>();

  /** Where the bytes of a tensor come from. */
  private interface Source {
    SafetensorsWriter.Entry entry();

    void write(SafetensorsWriter file) throws IOException;
  }

  private AdapterMerge(Checkpoint model, LoraAdapter adapter, Path folder, long shardBytes) {
    this.model = model;
    this.adapter = adapter;
    this.folder = folder;
    this.shardBytes = shardBytes;
  }

  /**
   * Writes the merged checkpoint into a folder that exists and is empty.
   *
   * @throws io.github.gptoss.engine.error.InvalidModelException if the model is in OpenAI's own
   *     layout, which has no place for experts in bf16, or if a value of the adapter, or one that
   *     it makes, is not finite
   */
  public static void write(Checkpoint model, LoraAdapter adapter, Path folder) throws IOException {
    write(model, adapter, folder, SHARD_BYTES);
  }

  static void write(Checkpoint model, LoraAdapter adapter, Path folder, long shardBytes)
      throws IOException {
    if (model.layout() == Layout.ORIGINAL) {
      throw AdapterErrors.originalLayout(model.folder());
    }
    new AdapterMerge(model, adapter, folder, shardBytes).write();
  }

  private void write() throws IOException {
    for (int layer = 0; layer < model.config().layers(); layer++) {
      adapter.layer(layer).values().forEach(LowRank::requireFinite);
    }
    boolean unpacks =
        model.expertFormat() == ExpertFormat.MXFP4
            && IntStream.range(0, model.config().layers())
                .mapToObj(adapter::layer)
                .anyMatch(layer -> layer.keySet().stream().anyMatch(Target::isExperts));
    for (StoredTensor tensor : model.tensors()) {
      sources.put(tensor.name(), new Copy(tensor));
    }
    for (int layer = 0; layer < model.config().layers(); layer++) {
      merge(layer, unpacks);
    }
    writeTensors();
    writeConfig(unpacks);
    copyOthers();
  }

  private void merge(int layer, boolean unpacks) {
    LayerWeights weights = model.layer(layer);
    Map<Target, LowRank> changed = adapter.layer(layer);
    Map<Target, StoredTensor> linears =
        Map.of(
            Target.Q,
            weights.q(),
            Target.K,
            weights.k(),
            Target.V,
            weights.v(),
            Target.O,
            weights.o());
    linears.forEach(
        (target, base) -> {
          if (changed.containsKey(target)) {
            sources.put(base.name(), new Linear(base, changed.get(target)));
          }
        });
    experts(layer, Target.GATE_UP, weights.gateUp(), changed, unpacks);
    experts(layer, Target.DOWN, weights.down(), changed, unpacks);
  }

  private void experts(
      int layer, Target target, ExpertMatrix base, Map<Target, LowRank> changed, boolean unpacks) {
    if (!unpacks && !changed.containsKey(target)) {
      return;
    }
    String name = target.key(layer);
    if (base instanceof Mxfp4Experts packed) {
      sources.remove(packed.blocks().name());
      sources.remove(packed.scales().name());
    }
    DType dtype =
        base instanceof DenseExperts dense ? written(dense.weights().dtype()) : DType.BF16;
    sources.put(name, new Experts(name, dtype, base, changed.get(target)));
  }

  private void writeTensors() throws IOException {
    List<List<Source>> shards = new ArrayList<>();
    long bytes = Long.MAX_VALUE;
    long total = 0;
    for (Source source : sources.values()) {
      long size = source.entry().bytes();
      if (shards.isEmpty() || bytes + size > shardBytes) {
        shards.add(new ArrayList<>());
        bytes = 0;
      }
      shards.get(shards.size() - 1).add(source);
      bytes += size;
      total += size;
    }
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.putObject("metadata").put("total_size", total);
    ObjectNode places = index.putObject("weight_map");
    for (int i = 0; i < shards.size(); i++) {
      String name =
          shards.size() == 1
              ? "model.safetensors"
              : "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      List<SafetensorsWriter.Entry> entries = shards.get(i).stream().map(Source::entry).toList();
      try (SafetensorsWriter file = new SafetensorsWriter(folder.resolve(name), entries)) {
        for (Source source : shards.get(i)) {
          source.write(file);
          places.put(source.entry().name(), name);
        }
      }
    }
    if (shards.size() > 1) {
      Files.write(
          folder.resolve("model.safetensors.index.json"), index.toPrettyString().getBytes(UTF_8));
    }
  }

  private void writeConfig(boolean unpacks) throws IOException {
    Path source = model.folder().resolve("config.json");
    ObjectNode config = StrictJson.parseObject(source, StrictJson.bytes(source, MAX_CONFIG_BYTES));
    if (unpacks) {
      config.remove("quantization_config");
    }
    Files.write(folder.resolve("config.json"), config.toPrettyString().getBytes(UTF_8));
  }

  /** The tokenizer, the chat template and the like. */
  private void copyOthers() throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(model.folder(), "*.{json,jinja,txt,model}")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (Files.isRegularFile(file)
            && !name.equals("config.json")
            && !name.endsWith(".safetensors.index.json")) {
          Files.copy(file, folder.resolve(name));
        }
      }
    }
  }

  private static DType written(DType changed) {
    return changed == DType.F16 ? DType.F32 : changed;
  }

  private static SafetensorsWriter.Entry entry(StoredTensor tensor, DType dtype) {
    List<Long> shape = new ArrayList<>();
    for (long size : tensor.shape()) {
      shape.add(size);
    }
    return new SafetensorsWriter.Entry(tensor.name(), dtype, shape);
  }

  /** A tensor that stays as it is. */
  private record Copy(StoredTensor tensor) implements Source {
    @Override
    public SafetensorsWriter.Entry entry() {
      return AdapterMerge.entry(tensor, tensor.dtype());
    }

    @Override
    public void write(SafetensorsWriter file) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(COPY_BYTES, tensor.bytes()));
      for (long from = 0; from < tensor.bytes(); from += bytes.capacity()) {
        tensor.read(bytes.clear(), from);
        file.write(tensor.name(), from, bytes.flip());
      }
    }
  }

  /** A matrix [outputs, inputs] that the adapter changes. */
  private record Linear(StoredTensor base, LowRank low) implements Source {
    @Override
    public SafetensorsWriter.Entry entry() {
      return AdapterMerge.entry(base, written(base.dtype()));
    }

    @Override
    public void write(SafetensorsWriter file) throws IOException {
      float[] merged = base.toFloats();
      addProduct(merged, low.b().toFloats(), low.a().toFloats(), low.rank(), low.scale());
      file.write(base.name(), 0, encode(merged, entry(), low.a()));
    }
  }

  /** The matrices of a layer's experts, [experts, inputs, outputs]. */
  private record Experts(String name, DType dtype, ExpertMatrix base, LowRank low)
      implements Source {
    @Override
    public SafetensorsWriter.Entry entry() {
      return new SafetensorsWriter.Entry(
          name, dtype, List.of((long) base.experts(), (long) base.cols(), (long) base.rows()));
    }

    @Override
    public void write(SafetensorsWriter file) throws IOException {
      float[] a = low == null ? null : low.a().toFloats();
      float[] b = low == null ? null : low.b().toFloats();
      long bytes = (long) base.cols() * base.rows() * dtype.bytes();
      for (int e = 0; e < base.experts(); e++) {
        float[] merged = transposed(e);
        if (low != null) {
          addProduct(merged, inputs(a, e), outputs(b, e), low.rank(), low.scale());
        }
        file.write(name, e * bytes, encode(merged, entry(), low == null ? null : low.a()));
      }
    }

    /** A of one expert, transposed: [inputs, rank]. */
    private float[] inputs(float[] a, int expert) {
      float[] of = new float[base.cols() * low.rank()];
      for (int i = 0; i < base.cols(); i++) {
        for (int r = 0; r < low.rank(); r++) {
          of[i * low.rank() + r] = a[low.rowOfA(expert, r) * base.cols() + i];
        }
      }
      return of;
    }

    /** B of one expert, transposed: [rank, outputs]. */
    private float[] outputs(float[] b, int expert) {
      float[] of = new float[low.rank() * base.rows()];
      int columns = low.rank() * low.experts();
      for (int r = 0; r < low.rank(); r++) {
        for (int o = 0; o < base.rows(); o++) {
          of[r * base.rows() + o] = b[o * columns + low.columnOfB(expert, r)];
        }
      }
      return of;
    }

    /** One expert's base matrix, [inputs, outputs]. */
    private float[] transposed(int expert) {
      if (base instanceof DenseExperts dense) {
        return dense.weights().slice(expert, expert + 1).toFloats();
      }
      Mxfp4Experts packed = (Mxfp4Experts) base;
      ByteBuffer blocks = packed.blocks().slice(expert, expert + 1).map();
      ByteBuffer scales = packed.scales().slice(expert, expert + 1).map();
      int rows = base.rows();
      float[] values = new float[base.cols() * rows];
      for (int block = 0; block < scales.capacity(); block++) {
        int row = block / (base.cols() / Mxfp4Experts.BLOCK_ELEMENTS);
        int column =
            block % (base.cols() / Mxfp4Experts.BLOCK_ELEMENTS) * Mxfp4Experts.BLOCK_ELEMENTS;
        int exponent = (scales.get(block) & 0xFF) - 127;
        for (int i = 0; i < Mxfp4Experts.BLOCK_ELEMENTS; i++) {
          int codes = blocks.get(block * Mxfp4Experts.BLOCK_BYTES + i / 2);
          int code = i % 2 == 0 ? codes & 0xF : codes >> 4 & 0xF;
          float magnitude = Math.scalb(MAGNITUDES[code & 7], exponent);
          values[(column + i) * rows + row] = code < 8 ? magnitude : -magnitude;
        }
      }
      return values;
    }
  }

  /** target [n, m] += scale * left [n, rank] right [rank, m]. */
  private static void addProduct(
      float[] target, float[] left, float[] right, int rank, float scale) {
    int m = right.length / rank;
    IntStream.range(0, target.length / m)
        .parallel()
        .forEach(
            row -> {
              float[] sum = new float[m];
              for (int r = 0; r < rank; r++) {
                float factor = left[row * rank + r];
                for (int i = 0; i < m; i++) {
                  sum[i] += factor * right[r * m + i];
                }
              }
              for (int i = 0; i < m; i++) {
                target[row * m + i] += scale * sum[i];
              }
            });
  }

  /** Of a tensor, or of one expert's part; changed by an adapter that has `a` unless it is null. */
  private static ByteBuffer encode(float[] values, SafetensorsWriter.Entry tensor, StoredTensor a) {
    DType dtype = tensor.dtype();
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      int at = bytes.position();
      if (dtype == DType.F32) {
        bytes.putFloat(value);
      } else {
        bytes.putShort(bf16(value));
      }
      if (a != null && !Float.isFinite(dtype.floatAt(bytes, at))) {
        throw AdapterErrors.mergedNotFinite(a, tensor.name(), dtype);
      }
    }
    return bytes.flip();
  }

  /** Rounded to the nearest, ties to even. */
  private static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }
}
