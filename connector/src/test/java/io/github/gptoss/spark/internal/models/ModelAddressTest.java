package io.github.gptoss.spark.internal.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.models.ModelAddress.Copy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelAddressTest {
  @ParameterizedTest
  @CsvSource({
    "demo, demo",
    "/models/m, /models/m",
    "models/m, models/m",
    "/models/with space, /models/with space",
    "file:/models/m, /models/m",
    "file:///models/m/, /models/m",
    "FILE:///models/m, /models/m"
  })
  void opensLocalFoldersWhereTheyAre(String model, String place) {
    assertThat(ModelAddress.parse(model, Copy.AUTO)).isEqualTo(new ModelAddress.InPlace(place));
  }

  @Test
  void readsBackTheVersionOfAnAdapterInPlace() {
    ModelAddress.InPlace pinned = new ModelAddress.InPlace("/adapters/a", "0123456789abcdef");
    assertThat(ModelAddress.parse(pinned.text(), Copy.AUTO)).isEqualTo(pinned);
    assertThat(ModelAddress.parse("/adapters/a#b", Copy.AUTO))
        .isEqualTo(new ModelAddress.InPlace("/adapters/a#b"));
  }

  @ParameterizedTest
  @CsvSource({
    "/Volumes/main/default/models/m, /Volumes/main/default/models/m",
    "dbfs:/Volumes/main/default/models/m, /Volumes/main/default/models/m",
    "dbfs:///Volumes/main/default/models/m, /Volumes/main/default/models/m",
    "file:/Volumes/main/default/models/m, /Volumes/main/default/models/m",
    "dbfs:/models/m, /dbfs/models/m",
    "/dbfs/models/m, /dbfs/models/m"
  })
  void copiesWhatDatabricksMountsUnlessToldOtherwise(String model, String path) {
    assertThat(ModelAddress.parse(model, Copy.AUTO))
        .isInstanceOfSatisfying(
            ModelAddress.Folder.class,
            folder -> {
              assertThat(folder.isLocal()).isTrue();
              assertThat(folder.uri().getPath()).isEqualTo(path);
              assertThat(ModelAddress.parse(folder.pinned("0123456789abcdef"), Copy.AUTO))
                  .isEqualTo(new ModelAddress.Folder(folder.uri(), "0123456789abcdef"));
            });
    assertThat(ModelAddress.parse(model, Copy.NEVER)).isEqualTo(new ModelAddress.InPlace(path));
  }

  @Test
  void copiesAnyLocalFolderOnRequestButNeverTheDemo() {
    assertThat(ModelAddress.parse("/nfs/m", Copy.ALWAYS)).isInstanceOf(ModelAddress.Folder.class);
    assertThat(ModelAddress.parse("demo", Copy.ALWAYS)).isEqualTo(new ModelAddress.InPlace("demo"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3a://bucket/models/gpt-oss-20b",
        "abfss://container@account.dfs.core.windows.net/m",
        "gs://bucket/m",
        "hdfs://name:8020/m",
        "hdfs:/m"
      })
  void leavesOtherSchemesToHadoop(String model) {
    for (Copy copy : Copy.values()) {
      assertThat(ModelAddress.parse(model, copy))
          .isInstanceOfSatisfying(
              ModelAddress.Folder.class, folder -> assertThat(folder.uri()).hasToString(model));
    }
    ModelAddress.Folder folder = (ModelAddress.Folder) ModelAddress.parse(model + "/", Copy.AUTO);
    assertThat(folder.uri()).hasToString(model);
    assertThat(ModelAddress.parse(folder.pinned("0123456789abcdef"), Copy.AUTO))
        .isEqualTo(new ModelAddress.Folder(folder.uri(), "0123456789abcdef"));
  }

  @ParameterizedTest
  @CsvSource({
    "hf://openai/gpt-oss-20b, openai/gpt-oss-20b, main, ''",
    "hf://openai/gpt-oss-20b/, openai/gpt-oss-20b, main, ''",
    "hf://openai/gpt-oss-20b@v1.0, openai/gpt-oss-20b, v1.0, ''",
    "hf://openai/gpt-oss-20b@v1.0/original, openai/gpt-oss-20b, v1.0, original",
    "hf://openai/gpt-oss-20b/a/b/, openai/gpt-oss-20b, main, a/b",
    "hf://o/m@refs/pr/12, o/m, refs/pr/12, ''",
    "hf://o/m@feature%2Fx, o/m, feature/x, ''",
    "HF://o/m, o/m, main, ''"
  })
  void readsRepositoriesOfAHub(String model, String repository, String revision, String folder) {
    if (model.startsWith("HF")) {
      assertRefused(model, "hf://");
      return;
    }
    ModelAddress.Hub hub = new ModelAddress.Hub(repository, revision, folder);
    assertThat(ModelAddress.parse(model, Copy.AUTO)).isEqualTo(hub);
    assertThat(ModelAddress.parse(hub.text(), Copy.AUTO)).isEqualTo(hub);
  }

  private static void assertRefused(String model, String part) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> ModelAddress.parse(model, Copy.AUTO))
        .withMessageContaining(part)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "hf://gpt-oss-20b, hf://owner/name",
    "hf://openai/gpt-oss-20b@, hf://owner/name",
    "hf://openai/gpt-oss-20b@a..b, hf://owner/name",
    "hf://openai/gpt-oss-20b@%2e%2e, hf://owner/name",
    "hf://openai/gpt-oss-20b/../x, hf://owner/name",
    "hf://../x, hf://owner/name",
    "hf:openai/gpt-oss-20b, hf://owner/name",
    "https://huggingface.co/openai/gpt-oss-20b, web page",
    "file:models/m, absolute",
    "s3a://key:secret@bucket/m, password"
  })
  void refusesWhatCannotBeAModel(String model, String part) {
    assertRefused(model, part);
  }

  @Test
  void keepsAPasswordOutOfItsError() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> ModelAddress.parse("s3a://key:secret@bucket/m", Copy.AUTO))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }
}
