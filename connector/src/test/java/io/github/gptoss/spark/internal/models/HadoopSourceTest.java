package io.github.gptoss.spark.internal.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HadoopSourceTest {
  private static final Retries QUICK = new Retries(2, 1, 2, 1);

  @TempDir Path folder;

  @BeforeEach
  void fill() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(folder.resolve("model.safetensors"), "weights");
    Files.writeString(folder.resolve("notes.txt"), "no part of it");
    Files.createDirectories(folder.resolve("original"));
  }

  private HadoopSource open(String suffix) {
    return HadoopSource.open(
        new ModelAddress.Folder(URI.create("remote:" + folder + suffix), null),
        RemoteFileSystem.configuration(),
        QUICK);
  }

  private String version() throws IOException {
    try (HadoopSource source = open("")) {
      return source.list().version();
    }
  }

  @Test
  void listsWhatACheckpointNeedsAndReadsItFromAnyByte() throws IOException {
    try (HadoopSource source = open("")) {
      ModelListing listing = source.list();
      assertThat(listing.files())
          .containsExactly(
              new ModelFile("config.json", 2, null), new ModelFile("model.safetensors", 7, null));
      try (InputStream in = source.open(listing.files().get(1), 3)) {
        assertThat(in.readAllBytes()).asString().isEqualTo("ghts");
      }
    }
  }

  @Test
  void givesAnotherVersionWhereLengthTimeOrNamesChange() throws IOException {
    String before = version();
    assertThat(version()).isEqualTo(before).matches("[0-9a-f]{16}");
    Path weights = folder.resolve("model.safetensors");
    FileTime time = Files.getLastModifiedTime(weights);
    Files.setLastModifiedTime(weights, FileTime.fromMillis(1_000_000));
    assertThat(version()).isNotEqualTo(before);
    Files.setLastModifiedTime(weights, time);
    assertThat(version()).isEqualTo(before);
    Files.writeString(weights, "weights2");
    Files.setLastModifiedTime(weights, time);
    assertThat(version()).isNotEqualTo(before);
  }

  @Test
  void saysWhatIsWrongWithAnAddress() throws IOException {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> open("/nowhere").list())
        .withMessageContaining("does not exist");
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> open("/notes.txt").list())
        .withMessageContaining("is a file");
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> open("/original").list())
        .withMessageContaining("config.json");
    Files.delete(folder.resolve("model.safetensors"));
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> open("").list())
        .withMessageContaining("safetensors");
  }

  @Test
  void namesThePackageThatAFilesystemNeeds() {
    for (String scheme : new String[] {"s3a", "nosuch"}) {
      assertThatExceptionOfType(GptOssException.class)
          .isThrownBy(
              () ->
                  HadoopSource.open(
                      new ModelAddress.Folder(URI.create(scheme + "://bucket/m"), null),
                      new Configuration(),
                      QUICK))
          .withMessageContaining("no filesystem for " + scheme)
          .withMessageContaining("--packages");
    }
  }

  @Test
  void carriesOnlySettingsThatSomebodyMade() {
    Configuration conf = RemoteFileSystem.configuration();
    conf.set("fs.remote.secret.key", "${fs.remote.impl}");
    Map<String, String> settings = HadoopSettings.of(conf);
    assertThat(settings)
        .containsEntry("fs.remote.secret.key", "${fs.remote.impl}")
        .containsEntry("fs.remote.impl", RemoteFileSystem.class.getName())
        .hasSizeLessThan(20);
  }
}
