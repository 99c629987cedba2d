package io.github.gptoss.spark.journal;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.executor.CompletionKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** A segment in memory. */
  private record Loaded(List<JournalEntry> entries, long bytes) {}

  private record Kept(CompletionKey key, int outputTokens) {}

  private final JournalFolder folder;
  private final JournalIndex index = new JournalIndex();
  private final List<String> segments = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private final List<SkippedSegment> skipped = new ArrayList<>();
  private final LinkedHashMap<Integer, Loaded> recent = new LinkedHashMap<>(16, 0.75f, true);
  private long recentBytes;
  private final Map<String, Long> keptTokens = new HashMap<>();
  private final Map<String, Long> generatedTokens = new HashMap<>();

  JournalReader(JournalFolder folder) {
    this.folder = folder;
  }

  /** Takes the segments up that have come since the last time. */
  synchronized void refresh() {
    List<String> names;
    try {
      names = folder.segments();
    } catch (IOException e) {
      throw JournalErrors.cannotList(folder.path(), e);
    }
    for (String name : names) {
      if (seen.add(name)) {
        index(name);
      }
    }
  }

  private void index(String name) {
    List<Kept> rows;
    try {
      rows =
          SegmentCodec.decode(
              folder.read(name), (columns, i) -> new Kept(columns.key(i), columns.outputTokens(i)));
    } catch (IOException e) {
      skip(name, e);
      return;
    }
    long segment = segments.size();
    segments.add(name);
    long tokens = 0;
    for (int row = 0; row < rows.size(); row++) {
      index.add(rows.get(row).key, segment << ROW_BITS | row);
      tokens += rows.get(row).outputTokens;
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

  private void skip(String name, IOException why) {
    SkippedSegment segment =
        new SkippedSegment(new Path(folder.path(), name).toString(), JournalErrors.reason(why));
    skipped.add(segment);
    LOG.warn("journal segment {} is skipped: {}", segment.file(), segment.reason());
  }

  /** What is kept under the key; null if nothing is. */
  synchronized GenerationResult find(CompletionKey key) {
    GenerationResult[] found = new GenerationResult[1];
    index.find(
        key,
        place -> {
          JournalEntry entry = entry(place);
          boolean own = entry != null && entry.key().equals(key);
          if (own) {
            found[0] = entry.result();
          }
          return own;
        });
    return found[0];
  }

  /** Null where the segment can no longer be read. */
  private JournalEntry entry(long place) {
    int segment = (int) (place >>> ROW_BITS);
    Loaded loaded = recent.get(segment);
    if (loaded == null) {
      loaded = load(segment);
    }
    int row = (int) (place & ((1L << ROW_BITS) - 1));
    return row < loaded.entries.size() ? loaded.entries.get(row) : null;
  }

  private Loaded load(int segment) {
    Loaded loaded;
    try {
      List<JournalEntry> entries = SegmentCodec.decode(folder.read(segments.get(segment)));
      loaded = new Loaded(entries, entries.stream().mapToLong(JournalEntry::heldBytes).sum());
    } catch (IOException e) {
      // It was whole when it was indexed. Its rows are generated again.
      skip(segments.get(segment), e);
      loaded = new Loaded(List.of(), 0);
    }
    recent.put(segment, loaded);
    recentBytes += loaded.bytes;
    Iterator<Map.Entry<Integer, Loaded>> eldest = recent.entrySet().iterator();
    while (recentBytes > KEPT_BYTES && recent.size() > 1) {
      recentBytes -= eldest.next().getValue().bytes;
      eldest.remove();
    }
    return loaded;
  }

  synchronized int completions() {
    return index.size();
  }

  synchronized List<SkippedSegment> skipped() {
    return List.copyOf(skipped);
  }
}
