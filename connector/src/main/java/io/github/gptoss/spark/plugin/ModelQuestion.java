package io.github.gptoss.spark.plugin;

import java.io.Serializable;

/** An executor asks the driver what to preload. */
record ModelQuestion() implements Serializable {}
