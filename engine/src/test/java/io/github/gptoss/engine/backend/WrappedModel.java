package io.github.gptoss.engine.backend;

import java.util.function.UnaryOperator;

/** A loaded model whose operations go through others. */
public class WrappedModel implements LoadedModel {
  private final LoadedModel model;
  private final UnaryOperator<Operations> wrap;

  public WrappedModel(LoadedModel model, UnaryOperator<Operations> wrap) {
    this.model = model;
    this.wrap = wrap;
  }

  @Override
  public long fullBytesPerToken() {
    return model.fullBytesPerToken();
  }

  @Override
  public long windowBytesPerToken() {
    return model.windowBytesPerToken();
  }

  @Override
  public long defaultKvBytes(KvBudget budget) {
    return model.defaultKvBytes(budget);
  }

  @Override
  public int logitsRows() {
    return model.logitsRows();
  }

  @Override
  public Operations allocate(Capacity capacity) {
    return wrap.apply(model.allocate(capacity));
  }

  @Override
  public void close() {
    model.close();
  }
}
