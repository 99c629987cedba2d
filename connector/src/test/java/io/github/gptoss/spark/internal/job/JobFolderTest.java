package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFolderTest {
  @TempDir Path temporary;

  /** Local files that cannot be deleted. */
  public static final class KeepingFileSystem extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("keeping:///");
    }

    @Override
    public boolean delete(org.apache.hadoop.fs.Path path, boolean recursive) {
      return false;
    }
  }

  private JobFolder folder(String scheme) throws IOException {
    Configuration conf = new Configuration();
    conf.setClass("fs.keeping.impl", KeepingFileSystem.class, RawLocalFileSystem.class);
    return new JobFolder(scheme + temporary, conf);
  }

  @Test
  void deletesTheJournalWithItsParts() throws IOException {
    Files.createDirectories(temporary.resolve("journal/batch-0"));
    folder("file:").deleteJournal();
    assertThat(temporary.resolve("journal")).doesNotExist();
  }

  @Test
  void saysThatTheJournalIsStillThere() throws IOException {
    Files.createDirectories(temporary.resolve("journal"));
    assertThatIOException()
        .isThrownBy(() -> folder("keeping:").deleteJournal())
        .withMessageContaining("still there");
  }

  @Test
  void aJournalThatIsGoneNeedsNoDeleting() {
    assertThatCode(() -> folder("keeping:").deleteJournal()).doesNotThrowAnyException();
  }
}
