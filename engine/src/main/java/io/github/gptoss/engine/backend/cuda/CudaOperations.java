package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Buffer;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.sampling.Sampler;
import io.github.gptoss.engine.tensor.DType;
import java.util.List;
import java.util.function.Supplier;
import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;

/** The operations, queued on the stage that has the layer; activations move along. */
final class CudaOperations implements Operations {
  private final CudaModel model;
  private final List<Stage> stages;
  private final int vocab;
  private final CUevent[] finished; // [stages]: what a stage has computed of the current step
  private final CUevent[] taken; // [stages]: the next stage has its copy
  private final ChosenTokens[] chosen; // used in turn
  private final Sampler.Workspace workspace = new Sampler.Workspace();
  private final float[] hostLogits; // [V]

  private PinnedMemory hostRow;
  private int stepIndex;
  private ChosenTokens current;

  CudaOperations(CudaModel model, List<Stage> stages) {
    this.model = model;
    this.stages = stages;
    vocab = model.config().vocabSize();
    finished = new CUevent[stages.size()];
    taken = new CUevent[stages.size()];
    for (int s = 0; s < stages.size(); s++) {
      CudaDevice device = stages.get(s).device().use();
      finished[s] = device.event();
      taken[s] = device.event();
    }
    chosen = new ChosenTokens[model.stepsAhead() + 2];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = new ChosenTokens(last().device(), vocab);
    }
    hostLogits = new float[vocab];
  }

  private Stage last() {
    return stages.get(stages.size() - 1);
  }

  @Override
  public Buffer buffer(int rows, int width) {
    return activations(rows, width, 2, Activations.bytes(rows, width));
  }

  @Override
  public Buffer stream(int rows) {
    int hidden = model.config().hiddenSize();
    return activations(rows, hidden, 4, 4L * rows * hidden);
  }

  private Buffer activations(int rows, int width, int elementBytes, long bytes) {
    DeviceMemory[] memory = new DeviceMemory[stages.size()];
    for (int s = 0; s < memory.length; s++) {
      CudaDevice device = stages.get(s).device().use();
      memory[s] = device.allocate(bytes, "activations", model.plan()::describeWeights);
      // Products read columns up to a whole block of them, which nobody writes.
      device.clear(memory[s]);
    }
    return new CudaBuffer(rows, width, elementBytes, memory);
  }

  @Override
  public Buffer logits(int rows) {
    DeviceMemory[] memory = new DeviceMemory[stages.size()];
    memory[memory.length - 1] =
        last().device().use().allocate(4L * rows * vocab, "logits", model.plan()::describeWeights);
    CudaBuffer buffer = new CudaBuffer(rows, vocab, 4, memory);
    buffer.moveTo(memory.length - 1);
    return buffer;
  }

  @Override
  public void begin(Step step) {
    for (Stage stage : stages) {
      stage.device().use().operation(() -> "copying a step's tables");
      stage.begin(step);
    }
    current = chosen[stepIndex++ % chosen.length];
    current.begin(step.logitsCount());
  }

  @Override
  public void embed(Buffer x) {
    Stage first = use(0, "embedding", -1);
    first.embed(CudaBuffer.of(x).on(0));
    CudaBuffer.of(x).moveTo(0);
  }

  @Override
  public void qkv(int layer, Buffer x, Buffer q) {
    int s = model.split().deviceOf(layer);
    bring(CudaBuffer.of(x), s);
    use(s, "qkv", layer).qkv(layer, CudaBuffer.of(x).on(s), write(q, s));
  }

  @Override
  public void attention(int layer, Buffer q, Buffer attended) {
    int s = model.split().deviceOf(layer);
    use(s, "attention", layer).attention(layer, read(q, s), tiled(attended, write(attended, s)));
  }

  @Override
  public void attentionOutput(int layer, Buffer attended, Buffer x) {
    int s = model.split().deviceOf(layer);
    use(s, "attention output", layer)
        .attentionOutput(layer, tiled(attended, read(attended, s)), read(x, s));
  }

  @Override
  public void route(int layer, Buffer x, Buffer normed) {
    int s = model.split().deviceOf(layer);
    use(s, "routing", layer).route(layer, read(x, s), tiled(normed, write(normed, s)));
  }

  @Override
  public void expertsUp(int layer, Buffer normed, Buffer activated) {
    int s = model.split().deviceOf(layer);
    use(s, "experts up", layer)
        .expertsUp(layer, tiled(normed, read(normed, s)), tiled(activated, write(activated, s)));
  }

  @Override
  public void expertsDown(int layer, Buffer activated, Buffer outputs) {
    int s = model.split().deviceOf(layer);
    use(s, "experts down", layer)
        .expertsDown(layer, tiled(activated, read(activated, s)), write(outputs, s));
  }

  @Override
  public void combine(int layer, Buffer outputs, Buffer x) {
    int s = model.split().deviceOf(layer);
    use(s, "combining", layer).combine(read(outputs, s), read(x, s));
  }

  @Override
  public void finalNorm(Buffer x, Buffer normed) {
    int s = stages.size() - 1;
    bring(CudaBuffer.of(x), s);
    use(s, "final norm", -1).finalNorm(CudaBuffer.of(x).on(s), write(normed, s));
  }

  @Override
  public void unembed(Buffer x, int from, int count, Buffer logits) {
    int s = stages.size() - 1;
    bring(CudaBuffer.of(x), s);
    use(s, "unembedding", -1)
        .unembed(CudaBuffer.of(x).on(s), from, count, CudaBuffer.of(logits).on(s));
  }

  @Override
  public void sample(Buffer logits, int from, int count, SampleRow[] rows) {
    int s = stages.size() - 1;
    Stage stage = use(s, "sampling", -1);
    DeviceMemory data = CudaBuffer.of(logits).on(s);
    for (int i = 0; i < count; i++) {
      SampleRow row = rows[from + i];
      if (row.isWeighed() && !TokenLists.holds(row)) {
        weigh(logits, i, from + i, row);
      } else {
        current.expect(from + i, row.params().logprobs());
      }
    }
    current.fetchWeights(rows, from, count, stage.sample(data, rows, from, count));
  }

  /**
   * Reads a row's logits, as they are before the device adjusts them, for the probabilities of more
   * tokens than the device lists. The device chooses the same token from them.
   */
  private void weigh(Buffer logits, int row, int r, SampleRow how) {
    read(logits, row, hostLogits, 0);
    if (Sampler.isUsable(hostLogits, 0, vocab)) {
      int token = how.choose(hostLogits, 0, vocab, workspace);
      current.tell(r, how.details(hostLogits, 0, vocab, token, workspace));
    }
  }

  @Override
  public SampledTokens sampled() {
    last().device().use();
    current.fetch(last().sampled(), last().details());
    return current;
  }

  @Override
  public int stepsAhead() {
    return model.stepsAhead();
  }

  @Override
  public void read(Buffer buffer, int row, float[] out, int outOffset) {
    CudaBuffer from = CudaBuffer.of(buffer);
    CudaDevice device = stages.get(from.stage()).device().use();
    int bytes = Math.toIntExact(from.rowBytes());
    if (hostRow == null || hostRow.bytes().capacity() < bytes) {
      if (hostRow != null) {
        hostRow.close();
      }
      hostRow = new PinnedMemory(device, bytes);
    }
    device.copyToHost(
        hostRow.pointer(), from.on(from.stage()).slice(row * from.rowBytes(), bytes), bytes);
    device.synchronize();
    DType type = from.elementBytes() == Float.BYTES ? DType.F32 : DType.BF16;
    for (int i = 0; i < from.width(); i++) {
      out[outOffset + i] = type.floatAt(hostRow.bytes(), i * type.bytes());
    }
  }

  private Stage use(int s, String operation, int layer) {
    Stage stage = stages.get(s);
    Supplier<String> what = layer < 0 ? () -> operation : () -> operation + " of layer " + layer;
    stage.device().use().operation(what);
    return stage;
  }

  private static DeviceMemory read(Buffer buffer, int s) {
    return CudaBuffer.of(buffer).on(s);
  }

  private static DeviceMemory write(Buffer buffer, int s) {
    CudaBuffer.of(buffer).moveTo(s);
    return CudaBuffer.of(buffer).on(s);
  }

  private static Activations tiled(Buffer buffer, DeviceMemory memory) {
    return new Activations(memory, buffer.rows());
  }

  /** Copies the step's rows to another stage, in the order of both stages' work. */
  private void bring(CudaBuffer x, int s) {
    int from = x.stage();
    if (from == s) {
      return;
    }
    CudaDevice source = stages.get(from).device();
    CudaDevice target = stages.get(s).device();
    long bytes = stages.get(from).step().tokens() * x.rowBytes();
    source.use().operation(() -> "handing over from stage " + from);
    source.record(finished[from]);
    target.use().operation(() -> "taking over on stage " + s);
    target.waitFor(finished[from]);
    target.check(
        JCudaDriver.cuMemcpyPeerAsync(
            x.on(s), target.context(), x.on(from), source.context(), bytes, target.stream()));
    target.record(taken[s]);
    // The next step may overwrite the source only when the copy is made.
    source.use().waitFor(taken[s]);
    x.moveTo(s);
  }
}
