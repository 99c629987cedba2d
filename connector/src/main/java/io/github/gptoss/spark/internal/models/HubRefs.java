package io.github.gptoss.spark.internal.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers which commit a branch or tag names: in memory for a minute, since planning one query
 * may ask many times and a hub limits the rate of requests, and in the cache for use without the
 * hub.
 */
final class HubRefs {
  private static final Logger LOG = LoggerFactory.getLogger(HubRefs.class);

  private static final long FRESH_NANOS = 60_000_000_000L;
  private static final ConcurrentHashMap<Question, Answer> ANSWERS = new ConcurrentHashMap<>();

  private record Question(ModelAddress.Hub at, HubSettings settings) {}

  private record Answer(String commit, long nanos) {
    boolean isFresh() {
      return System.nanoTime() - nanos < FRESH_NANOS;
    }
  }

  private final Path folder;

  /** Asks the hub again, whatever it said within the last minute. */
  static void forget() {
    ANSWERS.clear();
  }

  HubRefs(ModelCache cache) {
    folder = cache.root().resolve("refs");
  }

  private Path file(ModelAddress.Hub at, HubSettings settings) {
    String key = settings.endpoint() + "\n" + at.repository() + "\n" + at.revision();
    return folder.resolve(DigestUtils.sha256Hex(key).substring(0, 16));
  }

  /** The commit that the hub named within the last minute, or names now. */
  String current(ModelAddress.Hub at, HubSettings settings, Supplier<String> hub) {
    Question question = new Question(at, settings);
    Answer answer = ANSWERS.get(question);
    if (answer == null || !answer.isFresh()) {
      ANSWERS.values().removeIf(old -> !old.isFresh());
      answer = new Answer(hub.get(), System.nanoTime());
      ANSWERS.put(question, answer);
    }
    note(at, settings, answer.commit());
    return answer.commit();
  }

  /** The commit; none if this machine never asked the hub. */
  Optional<String> find(ModelAddress.Hub at, HubSettings settings) {
    if (at.isPinned()) {
      return Optional.of(at.revision());
    }
    Path file = file(at, settings);
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      String commit = Files.readString(file).strip();
      return at.at(commit).isPinned() ? Optional.of(commit) : Optional.empty();
    } catch (IOException e) {
      throw ModelErrors.cacheUnusable(file, e);
    }
  }

  /**
   * Stores the commit. A machine that cannot write to the cache, such as a driver, goes on without.
   */
  void note(ModelAddress.Hub at, HubSettings settings, String commit) {
    Path file = file(at, settings);
    try {
      if (find(at, settings).filter(commit::equals).isPresent()) {
        return;
      }
      Files.createDirectories(folder);
      Path temporary = Files.createTempFile(folder, "ref", PartialFile.SUFFIX);
      Files.writeString(temporary, commit);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.info("cannot store in {} which commit {} is: {}", file, at.text(), ModelErrors.reason(e));
    }
  }
}
