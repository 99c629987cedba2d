package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionStore;
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
 * What a journal holds. Keys are indexed, completions are read when they are wanted, and the
 * segments read last are kept within a bound of memory, since rows come again much in the order in
 * which they were completed. Thread-safe.
 */
final class JournalReader {
  private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);

  /** A place is a segment's number and, in the low bits, a row of it. */
  private static final int ROW_BITS = 20;

  private static final long KEPT_BYTES = 32L << 20;

  private final JournalFolder folder;
  private final JournalIndex index = new JournalIndex();
  private final List<String> segments = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private final List<SkippedSegment> skipped = new ArrayList<>();
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
    List<String> names = folder.segments();
    // One that was removed since is nobody's concern.
    Set<String> files = names.stream().map(this::file).collect(Collectors.toSet());
    skipped.removeIf(segment -> !files.contains(segment.file()));
    for (String name : names) {
      if (seen.add(name)) {
        index(name);
      }
    }
  }

  private void index(String name) {
    long tokens = 0;
    try (Segment segment = SegmentCodec.decode(folder.read(name))) {
      long number = segments.size();
      segments.add(name);
      for (int row = 0; row < segment.rows(); row++) {
        index.add(segment.key(row), number << ROW_BITS | row);
        tokens += segment.outputTokens(row);
      }
    } catch (FileNotFoundException e) {
      return; // Another process has removed it since the folder was listed.
    } catch (JournalErrors.DamagedSegmentException e) {
      skip(name, e);
      return;
    } catch (IOException e) {
      // The filesystem may answer the next time; the rows that it holds are generated until then.
      LOG.warn("journal segment {} cannot be read now", name, e);
      seen.remove(name);
      return;
    }
    SegmentName parsed = SegmentName.parse(name);
    if (parsed != null) {
      // Segments come in their writers' order, so the last one has the latest count.
      keptTokens.merge(parsed.writer(), tokens, Long::sum);
      generatedTokens.put(parsed.writer(), parsed.generatedTokens());
    }
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
    return !closed
        && index.find(
            key,
            place -> {
              Segment segment = segment((int) (place >>> ROW_BITS));
              int row = (int) (place & ((1L << ROW_BITS) - 1));
              boolean own = segment != null && segment.hasKey(row, key);
              if (own) {
                found.at(segment.completions(), row);
              }
              return own;
            });
  }

  /** Null where the segment can no longer be read. */
  private Segment segment(int number) {
    if (recent.containsKey(number)) {
      return recent.get(number);
    }
    Segment segment = null;
    try {
      segment = SegmentCodec.decode(folder.read(segments.get(number)));
      recentBytes += segment.allocatedBytes();
    } catch (FileNotFoundException e) {
      // Another process has removed it: who wants its rows generates them.
      LOG.debug("journal segment {} is gone", segments.get(number), e);
    } catch (JournalErrors.DamagedSegmentException e) {
      // It was whole when it was indexed. Its rows are generated again.
      skip(segments.get(number), e);
    } catch (IOException e) {
      // Its rows are generated, until the next refresh: no row is to wait for it as this one did.
      LOG.warn("journal segment {} cannot be read now", segments.get(number), e);
    }
    recent.put(number, segment);
    evict(KEPT_BYTES, 1);
    return segment;
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
