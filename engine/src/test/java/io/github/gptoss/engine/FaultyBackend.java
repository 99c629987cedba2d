package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.WrappedModel;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.weights.Checkpoint;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** A real backend whose operation of one name throws from a chosen moment on. */
final class FaultyBackend implements Backend {
  private final Backend backend;
  private final String operation;
  private final Supplier<Throwable> fault;
  private final AtomicBoolean broken = new AtomicBoolean();
  private volatile boolean modelClosed;
  private volatile boolean backendClosed;

  FaultyBackend(Backend backend, String operation, Supplier<Throwable> fault) {
    this.backend = backend;
    this.operation = operation;
    this.fault = fault;
  }

  /** Whether the model that was loaded is closed, and the backend after it. */
  boolean closedInOrder() {
    return modelClosed && backendClosed;
  }

  void breakNow() {
    broken.set(true);
  }

  @Override
  public String description() {
    return backend.description();
  }

  @Override
  public LoadedModel load(Checkpoint checkpoint, List<LoraAdapter> adapters) {
    return new WrappedModel(backend.load(checkpoint, adapters), this::faulty) {
      @Override
      public void close() {
        modelClosed = !backendClosed;
        super.close();
      }
    };
  }

  private Operations faulty(Operations operations) {
    return (Operations)
        Proxy.newProxyInstance(
            Operations.class.getClassLoader(),
            new Class<?>[] {Operations.class},
            (proxy, method, arguments) -> {
              if (broken.get() && method.getName().equals(operation)) {
                throw fault.get();
              }
              try {
                return method.invoke(operations, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Override
  public void close() {
    backendClosed = true;
    backend.close();
  }
}
