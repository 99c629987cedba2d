package io.github.gptoss.spark.internal.options;

import io.github.gptoss.engine.error.InvalidConfigException;

/** A fault of a call that is not one of its options, which is what its superclass stands for. */
public final class CallException extends InvalidConfigException {
  private static final long serialVersionUID = 1L;

  private final Condition condition;

  public CallException(Condition condition, String message) {
    super(message);
    this.condition = condition;
  }

  Condition condition() {
    return condition;
  }
}
