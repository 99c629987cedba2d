package io.github.gptoss.spark.internal.tools;

import java.io.Serializable;

/** A page of the browser's table. */
record Page(String url, String title, String text) implements Serializable {}
