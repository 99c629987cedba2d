package io.github.gptoss.spark.internal.models;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.security.AccessControlException;

/** A folder of a filesystem that Hadoop knows, including the local one. */
record HadoopSource(String address, Path folder, FileSystem files, Retries retries)
    implements ModelSource {
  private static final int VERSION_LENGTH = 16;

  /**
   * @throws io.github.gptoss.engine.error.GptOssException if the filesystem cannot be reached
   */
  static HadoopSource open(ModelAddress.Folder at, Configuration conf, Retries retries) {
    String address = at.uri().toString();
    try {
      // Not Hadoop's shared instance, which may have been made with other credentials.
      FileSystem files = FileSystem.newInstance(at.uri(), conf);
      return new HadoopSource(address, new Path(at.uri()), files, retries);
    } catch (UnsupportedFileSystemException e) {
      throw ModelErrors.noFileSystem(address, at.uri().getScheme(), e);
    } catch (IOException | IllegalArgumentException e) {
      throw ModelErrors.unreadable(address, e);
    } catch (RuntimeException e) {
      // Hadoop wraps this exception when a configured class is not on the class path.
      if (e.getCause() instanceof ClassNotFoundException) {
        throw ModelErrors.noFileSystem(address, at.uri().getScheme(), e);
      }
      throw e;
    }
  }

  @Override
  public ModelListing list() {
    return retries.call(address, this::listOnce);
  }

  private ModelListing listOnce() throws IOException {
    List<FileStatus> found = new ArrayList<>();
    try {
      if (files.getFileStatus(folder).isFile()) {
        throw ModelErrors.notFolder(address);
      }
      for (FileStatus status : files.listStatus(folder)) {
        if (status.isFile() && ModelListing.isNeeded(status.getPath().getName())) {
          found.add(status);
        }
      }
    } catch (FileNotFoundException e) {
      throw ModelErrors.noFolder(address);
    } catch (AccessControlException | java.nio.file.AccessDeniedException e) {
      throw ModelErrors.unreadable(address, e);
    }
    found.sort(Comparator.comparing(status -> status.getPath().getName()));
    List<ModelFile> parts = new ArrayList<>();
    StringBuilder versions = new StringBuilder();
    for (FileStatus status : found) {
      String name = status.getPath().getName();
      if (!ModelListing.isPlainName(name)) {
        throw ModelErrors.badName(address, name);
      }
      parts.add(new ModelFile(name, status.getLen(), null));
      String tag = status instanceof EtagSource tagged ? tagged.getEtag() : "";
      versions.append(
          "%s\n%s\n%s\n%s\n".formatted(name, status.getLen(), status.getModificationTime(), tag));
    }
    String version = DigestUtils.sha256Hex(versions.toString()).substring(0, VERSION_LENGTH);
    return new ModelListing(version, parts).checked(address);
  }

  @Override
  public InputStream open(ModelFile file, long offset) throws IOException {
    FSDataInputStream in;
    try {
      in = files.open(new Path(folder, file.name()));
    } catch (FileNotFoundException e) {
      throw ModelErrors.changed(address);
    } catch (AccessControlException | java.nio.file.AccessDeniedException e) {
      throw ModelErrors.unreadable(address, e);
    }
    try {
      in.seek(offset);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
