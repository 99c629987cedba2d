package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.journal.SegmentCodec.Block;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the small segments of a completion cache together, so that their number stays bounded
 * whoever writes how often. What they hold is written first and removed from where it was then, so
 * that at every moment it is in the folder.
 */
final class CacheCompaction {
  private static final Logger LOG = LoggerFactory.getLogger(CacheCompaction.class);

  /** Segments of fewer bytes are put together. */
  private static final long SMALL_BYTES = 1L << 20;

  /** As soon as there are so many of them. */
  private static final int MANY = 64;

  /** Two that compact at a time would write everything twice, which is no more than a waste. */
  private static final long LOCK_MILLIS = TimeUnit.MINUTES.toMillis(10);

  private static final String LOCK = ".compacting";

  /** Segments that are damaged or of another version, which stay: read once by this JVM. */
  private static final Set<Path> LEFT = ConcurrentHashMap.newKeySet();

  private final JournalFolder folder;
  private final Set<CompletionKey> keys = new HashSet<>();
  private final List<String> sources = new ArrayList<>();
  private Segment together = new Segment();

  private CacheCompaction(JournalFolder folder) {
    this.folder = folder;
  }

  /** Compacts on a thread of its own, where there is anything to do; a failure is logged. */
  static void beginIfWanted(JournalFolder folder) throws IOException {
    List<String> small = new ArrayList<>(folder.segments(SMALL_BYTES));
    small.removeIf(name -> LEFT.contains(new Path(folder.path(), name)));
    if (small.size() < MANY) {
      return;
    }
    Thread thread = new Thread(() -> runLocked(folder, small), "gptoss-cache-compaction");
    thread.setDaemon(true);
    thread.start();
  }

  private static void runLocked(JournalFolder folder, List<String> small) {
    try {
      if (!folder.lock(LOCK, LOCK_MILLIS)) {
        return;
      }
      try {
        run(folder, small);
      } finally {
        folder.unlock(LOCK);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("the small files of completion cache {} stay as they are", folder.path(), e);
    }
  }

  /** Puts these segments together; those that are damaged or of another version stay. */
  static void run(JournalFolder folder, List<String> small) throws IOException {
    CacheCompaction compaction = new CacheCompaction(folder);
    try {
      for (String segment : small) {
        compaction.add(segment);
      }
      compaction.write();
    } finally {
      compaction.together.close();
    }
  }

  private void add(String name) throws IOException {
    List<Block> blocks;
    try {
      blocks = SegmentCodec.decode(folder.read(name));
    } catch (FileNotFoundException e) {
      return; // Its owner has removed it.
    } catch (JournalErrors.DamagedSegmentException e) {
      LOG.debug("segment {} is not put together with others", name, e);
      LEFT.add(new Path(folder.path(), name));
      return;
    }
    for (Block block : blocks) {
      try (block) {
        for (int row = 0; row < block.segment().rows(); row++) {
          if (keys.add(block.segment().key(row))) {
            together.append(block.segment(), row);
          }
        }
      }
    }
    sources.add(name);
    if (together.isFull()) {
      write();
    }
  }

  private void write() throws IOException {
    if (sources.size() > 1) {
      String name = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
      folder.write(
          new SegmentName("together-" + name, 0, 0).toString(), SegmentCodec.encode(together));
      for (String source : sources) {
        folder.delete(source);
      }
    }
    sources.clear();
    keys.clear();
    together.close();
    together = new Segment();
  }
}
