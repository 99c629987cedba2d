package io.github.gptoss.spark.model;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** A place that models are copied from. Its streams may be read by several threads at a time. */
interface ModelSource extends Closeable {
  /** For people. */
  String address();

  /**
   * What is there now.
   *
   * @throws io.github.gptoss.engine.error.GptOssException if no model is there or it may not be
   *     read
   */
  ModelListing list();

  /**
   * A file's content from a byte on; may end before the file does.
   *
   * @throws IOException if it is worth another try
   * @throws io.github.gptoss.engine.error.GptOssException if it is not
   */
  InputStream open(ModelFile file, long offset) throws IOException;
}
