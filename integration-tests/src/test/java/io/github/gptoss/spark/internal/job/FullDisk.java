package io.github.gptoss.spark.internal.job;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local disk, with room for {@code it.disk.bytes} more in all of the process's files under
 * {@code it.disk.path}.
 */
public final class FullDisk extends LocalFileSystem {
  private static final AtomicLong WRITTEN = new AtomicLong();

  public FullDisk() {
    super(new Raw());
  }

  private static final class Raw extends RawLocalFileSystem {
    private OutputStream bounded(Path file, OutputStream out) {
      if (!file.toUri().getPath().startsWith(getConf().get("it.disk.path"))) {
        return out;
      }
      long room = getConf().getLong("it.disk.bytes", 0);
      return new FilterOutputStream(out) {
        @Override
        public void write(int b) throws IOException {
          take(1);
          out.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
          take(count);
          out.write(bytes, from, count);
        }

        private void take(int count) throws IOException {
          if (WRITTEN.addAndGet(count) > room) {
            throw new IOException("No space left on device");
          }
        }
      };
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      return stream(
          file, super.create(file, overwrite, bufferSize, replication, blockSize, progress));
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        FsPermission permission,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      return stream(
          file,
          super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress));
    }

    private FSDataOutputStream stream(Path file, FSDataOutputStream out) throws IOException {
      return new FSDataOutputStream(bounded(file, out), null);
    }
  }
}
