package io.github.gptoss.spark.model;

import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** This machine's files under another scheme, which takes them for far away. */
public final class RemoteFileSystem extends RawLocalFileSystem {
  private static final URI REMOTE = URI.create("remote:///");

  /** Settings that make Hadoop know it. */
  static Configuration configuration() {
    Configuration conf = new Configuration();
    conf.set("fs.remote.impl", RemoteFileSystem.class.getName());
    return conf;
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
