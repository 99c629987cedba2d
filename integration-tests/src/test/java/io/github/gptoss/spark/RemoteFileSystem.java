package io.github.gptoss.spark;

import java.net.URI;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** This machine's files under another scheme, which takes them for far away. */
public final class RemoteFileSystem extends RawLocalFileSystem {
  private static final URI REMOTE = URI.create("remote:///");

  @Override
  public URI getUri() {
    return REMOTE;
  }

  @Override
  public String getScheme() {
    return "remote";
  }
}
