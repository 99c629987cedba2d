package io.github.gptoss.spark.internal.monitor;

import java.io.Serializable;

/** An executor asks the driver what to preload. */
record ModelQuestion() implements Serializable {}
