package io.github.gptoss.spark.internal.models;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** A source that models are copied from. Several threads may read its streams at a time. */
interface ModelSource extends Closeable {
  /** The address, for messages. */
  String address();

  /**
   * Lists the model's files as they are now.
   *
   * @throws io.github.gptoss.engine.error.GptOssException if there is no model, or reading it is
   *     not permitted
   */
  ModelListing list();

  /**
   * A file's content from a byte offset on. The stream may end before the file does.
   *
   * @throws IOException if a retry may work
   * @throws io.github.gptoss.engine.error.GptOssException if a retry is useless
   */
  InputStream open(ModelFile file, long offset) throws IOException;
}
