package io.github.gptoss.spark.model;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One model's lock, held by one thread of one process of this machine at a time. The operating
 * system takes it from a process that dies.
 */
final class CacheLock implements Closeable {
  private static final long POLL_MILLIS = 200;

  private final FileChannel channel;

  private CacheLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits for the lock.
   *
   * @param whileWaiting runs a few times a second
   */
  static CacheLock take(Path file, String address, WhileWaiting whileWaiting) throws IOException {
    Files.createDirectories(file.getParent());
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      while (!isTaken(channel)) {
        whileWaiting.run();
        Thread.sleep(POLL_MILLIS);
      }
      return new CacheLock(channel);
    } catch (InterruptedException e) {
      channel.close();
      Thread.currentThread().interrupt();
      throw ModelErrors.interrupted(address);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  interface WhileWaiting {
    void run() throws IOException;
  }

  private static boolean isTaken(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException heldByThisProcess) {
      return false;
    }
  }

  /** Gives the lock back. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
