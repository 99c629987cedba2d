package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.spark.internal.journal.JournalErrors.DamagedSegmentException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The segments of a journal as files of any Hadoop filesystem. Thread-safe. */
final class JournalFolder {
  private static final String SUFFIX = ".arrow";

  private final Path path;
  private final FileSystem files;

  JournalFolder(Path path, Configuration conf) throws IOException {
    this.path = path;
    files = path.getFileSystem(conf);
  }

  Path path() {
    return path;
  }

  /** Names of the segments that are there, in order; none where there is no folder. */
  List<String> segments() throws IOException {
    return segments(Long.MAX_VALUE);
  }

  /** The same of those with fewer bytes. */
  List<String> segments(long below) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      for (FileStatus file : files.listStatus(path)) {
        String name = file.getPath().getName();
        if (file.isFile()
            && name.endsWith(SUFFIX)
            && !name.startsWith(".")
            && file.getLen() < below) {
          names.add(name);
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    names.sort(Comparator.naturalOrder());
    return names;
  }

  byte[] read(String segment) throws IOException {
    Path file = new Path(path, segment);
    try (FSDataInputStream in = files.open(file)) {
      return in.readAllBytes();
    } catch (ChecksumException e) {
      throw new DamagedSegmentException("corrupt: the filesystem's checksum does not match", e);
    }
  }

  /**
   * A part of a segment.
   *
   * @throws java.io.EOFException if the file is shorter
   */
  byte[] read(String segment, long offset, int bytes) throws IOException {
    byte[] part = new byte[bytes];
    try (FSDataInputStream in = files.open(new Path(path, segment))) {
      in.readFully(offset, part);
      return part;
    } catch (ChecksumException | EOFException e) {
      throw new DamagedSegmentException("corrupt: the filesystem cannot read it as written", e);
    }
  }

  /** Removes a segment; that it is gone already is no failure. */
  void delete(String segment) throws IOException {
    files.delete(new Path(path, segment), false);
  }

  /**
   * Writes a segment under a temporary name, which no reader looks at, and renames it: it is there
   * whole or not at all.
   *
   * @param name unique among all writers
   */
  void write(String name, byte[] content) throws IOException {
    Path temporary = new Path(path, "." + name + ".tmp");
    try {
      try (FSDataOutputStream out = files.create(temporary, false)) {
        out.write(content);
      }
      if (!files.rename(temporary, new Path(path, name + SUFFIX))) {
        throw new IOException("a file could not be renamed");
      }
    } catch (IOException e) {
      deleteQuietly(temporary, e);
      throw e;
    }
  }

  /**
   * Makes a file that says that its maker is at work here.
   *
   * @param millis after which it means nothing any more, since its maker was killed
   * @return whether nobody else is at work
   */
  boolean lock(String name, long millis) throws IOException {
    Path lock = new Path(path, name);
    try {
      if (System.currentTimeMillis() - files.getFileStatus(lock).getModificationTime() < millis) {
        return false;
      }
      files.delete(lock, false);
    } catch (FileNotFoundException e) {
      // As it should be.
    }
    try {
      files.create(lock, false).close();
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  void unlock(String name) throws IOException {
    files.delete(new Path(path, name), false);
  }

  private void deleteQuietly(Path temporary, IOException cause) {
    try {
      files.delete(temporary, false);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
