package io.github.gptoss.spark.internal.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A lock on a file that all processes of a machine see: shared by many holders, or exclusive to
 * one. The operating system takes it from a process that dies.
 *
 * <p>POSIX takes all of a process's locks on a file as soon as the process closes any channel to
 * that file. A lock file is therefore opened here only, and only once a JVM.
 */
final class CacheLock implements AutoCloseable {
  private static final long POLL_MILLIS = 200;

  /** The locks of this JVM, by file. Guarded by the class. */
  private static final Map<Path, Held> HELD = new HashMap<>();

  private static final class Held {
    private final FileChannel channel;
    private final boolean isShared;
    private int holders;

    private Held(FileChannel channel, boolean isShared) {
      this.channel = channel;
      this.isShared = isShared;
    }
  }

  interface WhileWaiting {
    void run() throws IOException;
  }

  private final Path file;
  private boolean isClosed;

  private CacheLock(Path file) {
    this.file = file;
  }

  /**
   * Waits for the lock.
   *
   * @param address of the model, for errors
   * @param whileWaiting runs a few times a second
   */
  static CacheLock take(Path file, boolean isShared, String address, WhileWaiting whileWaiting)
      throws IOException {
    Files.createDirectories(file.getParent());
    try {
      while (true) {
        Optional<CacheLock> lock = tryTake(file, isShared);
        if (lock.isPresent()) {
          return lock.get();
        }
        whileWaiting.run();
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ModelErrors.interrupted(address);
    }
  }

  /** The lock; none while another holder keeps it away. The file's folder must exist. */
  static Optional<CacheLock> tryTake(Path file, boolean isShared) throws IOException {
    Path key = file.getParent().toRealPath().resolve(file.getFileName());
    synchronized (CacheLock.class) {
      Held held = HELD.get(key);
      if (held == null) {
        held = open(key, isShared);
        if (held == null) {
          return Optional.empty();
        }
        HELD.put(key, held);
      } else if (!isShared || !held.isShared) {
        return Optional.empty();
      }
      held.holders++;
      return Optional.of(new CacheLock(key));
    }
  }

  private static Held open(Path file, boolean isShared) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock(0, Long.MAX_VALUE, isShared);
      if (lock != null) {
        return new Held(channel, isShared);
      }
    } catch (OverlappingFileLockException e) {
      // This class is loaded twice in the JVM, and the other one has the lock.
      throw new IOException("another class loader of this process has locked " + file, e);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return null;
  }

  /** Gives the lock back; a second call does nothing. */
  @Override
  public void close() {
    synchronized (CacheLock.class) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      Held held = HELD.get(file);
      if (--held.holders == 0) {
        HELD.remove(file);
        try {
          held.channel.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}
