package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.journal.SegmentCodec.Block;
import io.github.gptoss.spark.internal.journal.SegmentCodec.BlockRange;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a journal holds. Keys are indexed, completions are read when they are wanted: the block that
 * has the row, and where the block before it was wanted too, the rest of the segment, since rows
 * come again much in the order in which they were completed. The blocks read last are kept within a
 * bound of memory. Thread-safe.
 */
final class JournalReader {
  private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);

  /** A place is a block's number and, in the low bits, a row of it. */
  private static final int ROW_BITS = 20;

  private static final long KEPT_BYTES = 32L << 20;

  /** How often the folder is listed anew where files have gone since, when it is refreshed. */
  private static final int LISTINGS = 3;

  /** A record batch of a segment. */
  private record Stored(String segment, BlockRange range) {
    boolean isBehind(Stored other) {
      return segment.equals(other.segment)
          && range.offset() == other.range.offset() + other.range.bytes();
    }
  }

  private final JournalFolder folder;
  private final JournalIndex index = new JournalIndex();
  private final List<Stored> blocks = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private final List<SkippedSegment> skipped = new ArrayList<>();

  /** Segments that were found removed. */
  private final Set<String> gone = new HashSet<>();

  /** Whether a segment was found removed since the folder was listed last. */
  private boolean isStale;

  private final LinkedHashMap<Integer, Segment> recent = new LinkedHashMap<>(16, 0.75f, true);
  private long recentBytes;
  private boolean closed;
  private final Map<String, Long> keptTokens = new HashMap<>();
  private final Map<String, Long> generatedTokens = new HashMap<>();

  JournalReader(JournalFolder folder) {
    this.folder = folder;
  }

  Path path() {
    return folder.path();
  }

  /** Takes the segments up that have come, or can be read again, since the last time. */
  synchronized void refresh() throws IOException {
    recent.values().removeIf(Objects::isNull);
    isStale = false;
    boolean areAll = false;
    for (int i = 0; i < LISTINGS && !areAll; i++) {
      // What is removed meanwhile may have been put together with others.
      areAll = indexAll(folder.segments());
    }
  }

  /** Whether none of them was removed meanwhile. */
  private boolean indexAll(List<String> names) {
    Set<String> there = Set.copyOf(names);
    // Those that were removed since are nobody's concern.
    seen.stream().filter(name -> !there.contains(name)).forEach(gone::add);
    Set<String> files = names.stream().map(this::file).collect(Collectors.toSet());
    skipped.removeIf(segment -> !files.contains(segment.file()));
    boolean areAll = true;
    for (String name : names) {
      if (seen.add(name)) {
        areAll &= index(name);
      }
    }
    return areAll;
  }

  /** Whether the segment was there. */
  private boolean index(String name) {
    long tokens = 0;
    try {
      for (Block block : SegmentCodec.decode(folder.read(name))) {
        try (block) {
          tokens += index(name, block);
        }
      }
    } catch (FileNotFoundException e) {
      return false; // Another process has removed it since the folder was listed.
    } catch (JournalErrors.DamagedSegmentException e) {
      skip(name, e);
      return true;
    } catch (IOException e) {
      // The filesystem may answer the next time; the rows that it holds are generated until then.
      LOG.warn("journal segment {} cannot be read now", name, e);
      seen.remove(name);
      return true;
    }
    SegmentName parsed = SegmentName.parse(name);
    if (parsed != null) {
      // Segments come in their writers' order, so the last one has the latest count.
      keptTokens.merge(parsed.writer(), tokens, Long::sum);
      generatedTokens.put(parsed.writer(), parsed.generatedTokens());
    }
    return true;
  }

  /** The block's tokens. */
  private long index(String name, Block block) {
    long tokens = 0;
    long number = blocks.size();
    blocks.add(new Stored(name, block.range()));
    for (int row = 0; row < block.segment().rows(); row++) {
      index.add(block.segment().key(row), number << ROW_BITS | row);
      tokens += block.segment().outputTokens(row);
    }
    return tokens;
  }

  /**
   * Tokens that writers had generated and not kept when they wrote last: of rows that were not
   * complete. What was generated after that is not known.
   */
  synchronized long lostTokens() {
    long lost = 0;
    for (Map.Entry<String, Long> writer : generatedTokens.entrySet()) {
      lost += Math.max(0, writer.getValue() - keptTokens.get(writer.getKey()));
    }
    return lost;
  }

  private String file(String name) {
    return new Path(folder.path(), name).toString();
  }

  private void skip(String name, IOException why) {
    SkippedSegment segment = new SkippedSegment(file(name), JournalErrors.reason(why));
    if (skipped.contains(segment)) {
      return;
    }
    skipped.add(segment);
    LOG.warn("journal segment {} is skipped: {}", segment.file(), segment.reason());
  }

  /** As {@link CompletionStore#find}. */
  synchronized boolean find(CompletionKey key, CompletionStore.Found found) {
    if (closed) {
      return false;
    }
    boolean isFound = findIndexed(key, found);
    if (!isFound && isStale) {
      // What was removed may have been put together with others.
      try {
        refresh();
      } catch (IOException e) {
        LOG.warn("journal {} cannot be listed now", folder.path(), e);
      }
      isFound = findIndexed(key, found);
    }
    return isFound;
  }

  private boolean findIndexed(CompletionKey key, CompletionStore.Found found) {
    return index.find(
        key,
        place -> {
          Segment block = block((int) (place >>> ROW_BITS));
          int row = (int) (place & ((1L << ROW_BITS) - 1));
          boolean own = block != null && block.hasKey(row, key);
          if (own) {
            found.at(block.completions(), row);
          }
          return own;
        });
  }

  /** Null where the block can no longer be read. */
  private Segment block(int number) {
    if (recent.containsKey(number)) {
      return recent.get(number);
    }
    String name = blocks.get(number).segment();
    if (gone.contains(name)) {
      return null;
    }
    try {
      read(number);
    } catch (FileNotFoundException e) {
      // Another process has removed it: who wants its rows generates them.
      LOG.debug("journal segment {} is gone", name, e);
      gone.add(name);
      isStale = true;
      return null;
    } catch (JournalErrors.DamagedSegmentException e) {
      // It was whole when it was indexed. Its rows are generated again.
      skip(name, e);
      recent.put(number, null);
    } catch (IOException e) {
      // Its rows are generated, until the next refresh: no row is to wait for it as this one did.
      LOG.warn("journal segment {} cannot be read now", name, e);
      recent.put(number, null);
    }
    return recent.get(number);
  }

  /** Reads a block, and those behind it in its segment where the one before it is there. */
  private void read(int number) throws IOException {
    Stored first = blocks.get(number);
    int last = number;
    if (number > 0 && first.isBehind(blocks.get(number - 1)) && recent.containsKey(number - 1)) {
      while (last + 1 < blocks.size() && blocks.get(last + 1).isBehind(blocks.get(last))) {
        last++;
      }
    }
    BlockRange end = blocks.get(last).range();
    long from = first.range().offset();
    byte[] bytes =
        folder.read(first.segment(), from, Math.toIntExact(end.offset() + end.bytes() - from));
    for (int i = last; i >= number; i--) {
      if (!recent.containsKey(i)) {
        BlockRange range = blocks.get(i).range();
        keep(i, SegmentCodec.decode(bytes, (int) (range.offset() - from), range));
      }
    }
    evict(KEPT_BYTES, 1);
  }

  private void keep(int number, Segment block) {
    recent.put(number, block);
    recentBytes += block.allocatedBytes();
  }

  /** Frees the segments used longest ago, down to so many bytes or so few segments. */
  private void evict(long bytes, int fewest) {
    Iterator<Segment> eldest = recent.values().iterator();
    while (recentBytes > bytes && recent.size() > fewest) {
      Segment segment = eldest.next();
      eldest.remove();
      if (segment != null) {
        recentBytes -= segment.allocatedBytes();
        segment.close();
      }
    }
  }

  /** Frees the memory of what was found last; goes on to find. */
  synchronized void rest() {
    evict(0, 0);
  }

  /** Frees the memory; finds nothing from now on. */
  synchronized void close() {
    closed = true;
    evict(0, 0);
  }

  synchronized int completions() {
    return index.size();
  }

  synchronized List<SkippedSegment> skipped() {
    return List.copyOf(skipped);
  }
}
