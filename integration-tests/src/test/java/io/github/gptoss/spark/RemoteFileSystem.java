package io.github.gptoss.spark;

import java.io.IOException;
import java.net.URI;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** This machine's files under another scheme, which takes them for far away. */
public final class RemoteFileSystem extends RawLocalFileSystem {
  private static final URI REMOTE = URI.create("remote:///");

  /** What a test does before a file is opened. */
  public static volatile Consumer<Path> beforeOpen = file -> {};

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    beforeOpen.accept(file);
    return super.open(file, bufferSize);
  }

  @Override
  public URI getUri() {
    return REMOTE;
  }

  @Override
  public String getScheme() {
    return "remote";
  }
}
