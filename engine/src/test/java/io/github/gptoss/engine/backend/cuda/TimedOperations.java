package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Buffer;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.backend.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * Operations of one device that can be watched: an event after each says how long it took, and a
 * clock how long the host has waited for tokens.
 */
final class TimedOperations implements Operations {
  private final Operations ops;
  private final CudaDevice device;
  private final List<CUevent> events = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private boolean watching;
  private volatile long awaitedNanos; // written by the thread that drives the model

  TimedOperations(Operations ops, CudaDevice device) {
    this.ops = ops;
    this.device = device;
  }

  /** Begins to watch. */
  void watch() {
    watching = true;
    names.clear();
    mark("");
  }

  /** Ends it; seconds by operation, those of all layers together. */
  Map<String, Double> seconds() {
    watching = false;
    device.synchronize();
    Map<String, Double> seconds = new LinkedHashMap<>();
    float[] millis = new float[1];
    for (int i = 1; i < names.size(); i++) {
      device.check(JCudaDriver.cuEventElapsedTime(millis, events.get(i - 1), events.get(i)));
      seconds.merge(names.get(i), millis[0] / 1e3, Double::sum);
    }
    return seconds;
  }

  private void mark(String name) {
    if (!watching) {
      return;
    }
    if (names.size() == events.size()) {
      CUevent event = new CUevent();
      device.check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT));
      events.add(event);
    }
    device.record(events.get(names.size()));
    names.add(name);
  }

  @Override
  public Buffer buffer(int rows, int width) {
    return ops.buffer(rows, width);
  }

  @Override
  public Buffer stream(int rows) {
    return ops.stream(rows);
  }

  @Override
  public Buffer logits(int rows) {
    return ops.logits(rows);
  }

  @Override
  public void begin(Step step) {
    ops.begin(step);
    mark("begin");
  }

  @Override
  public void embed(Buffer x) {
    ops.embed(x);
    mark("embed");
  }

  @Override
  public void qkv(int layer, Buffer x, Buffer q) {
    ops.qkv(layer, x, q);
    mark("qkv");
  }

  @Override
  public void attention(int layer, Buffer q, Buffer attended) {
    ops.attention(layer, q, attended);
    mark("attention");
  }

  @Override
  public void attentionOutput(int layer, Buffer attended, Buffer x) {
    ops.attentionOutput(layer, attended, x);
    mark("attention output");
  }

  @Override
  public void route(int layer, Buffer x, Buffer normed) {
    ops.route(layer, x, normed);
    mark("route");
  }

  @Override
  public void expertsUp(int layer, Buffer normed, Buffer activated) {
    ops.expertsUp(layer, normed, activated);
    mark("experts up");
  }

  @Override
  public void expertsDown(int layer, Buffer activated, Buffer outputs) {
    ops.expertsDown(layer, activated, outputs);
    mark("experts down");
  }

  @Override
  public void combine(int layer, Buffer outputs, Buffer x) {
    ops.combine(layer, outputs, x);
    mark("combine");
  }

  @Override
  public void unembed(Buffer x, int from, int count, Buffer logits) {
    ops.unembed(x, from, count, logits);
    mark("unembed");
  }

  @Override
  public void finalNorm(Buffer x, Buffer normed) {
    ops.finalNorm(x, normed);
    mark("final norm");
  }

  @Override
  public void sample(Buffer logits, int from, int count, SampleRow[] rows) {
    ops.sample(logits, from, count, rows);
    mark("sample");
  }

  @Override
  public SampledTokens sampled() {
    SampledTokens sampled = ops.sampled();
    return (tokens, details) -> {
      long startNanos = System.nanoTime();
      sampled.await(tokens, details);
      awaitedNanos = awaitedNanos + System.nanoTime() - startNanos;
    };
  }

  /** How long the host has waited for tokens, from any thread. */
  long awaitedNanos() {
    return awaitedNanos;
  }

  @Override
  public int stepsAhead() {
    return ops.stepsAhead();
  }

  @Override
  public void read(Buffer buffer, int row, float[] out, int outOffset) {
    ops.read(buffer, row, out, outOffset);
  }
}
