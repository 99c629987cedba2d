package io.github.gptoss.spark.internal.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelLocatorTest {
  private static final String PINNED = "hf://openai/tiny@" + HubServer.COMMIT;
  private static final Retries QUICK = new Retries(3, 1, 2, 1);

  @TempDir Path root;

  private HubServer hub;

  @BeforeEach
  void start() throws IOException {
    hub = new HubServer();
    hub.files.put("config.json", "{}".getBytes(UTF_8));
    hub.files.put("model.safetensors", new byte[1000]);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private ModelLocator locator(OptionValues values, String... environment) {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < environment.length; i += 2) {
      variables.put(environment[i], environment[i + 1]);
    }
    return new ModelLocator(values, variables, Configuration::new, QUICK);
  }

  private static String local(ModelLocator locator) {
    try (LocalModel model = locator.local(CopyProgress.Listener.NONE)) {
      return model.path();
    }
  }

  private OptionValues options(String model, String... more) {
    Map<String, String> options =
        new HashMap<>(
            Map.of(
                "model", model,
                "model_cache_dir", root.resolve("cache").toString(),
                "hf_endpoint", hub.endpoint()));
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return OptionValues.resolve(options, Map.of());
  }

  private static OptionValues pin(ModelLocator locator) {
    return locator.pin(true, RemoteFileSystem::configuration);
  }

  @Test
  void pinsABranchToItsCommitForAllExecutors() throws IOException {
    OptionValues pinned = pin(locator(options("hf://openai/tiny")));
    assertThat(pinned.text(OptionKey.MODEL)).isEqualTo(PINNED);
    String folder = local(locator(pinned));
    assertThat(Files.size(Path.of(folder, "model.safetensors"))).isEqualTo(1000);
    // What is in the cache needs the hub no more.
    hub.requests.clear();
    assertThat(local(locator(pinned))).isEqualTo(folder);
    assertThat(hub.requests).isEmpty();
  }

  @Test
  void findsTheCommitItselfWhereNobodyPinned() {
    assertThat(Path.of(local(locator(options("hf://openai/tiny"))))).isDirectory();
  }

  @Test
  void givesExecutorsTheDriversTokenAndShowsItToNobody() {
    OptionValues pinned = pin(locator(options("hf://openai/tiny"), "HF_TOKEN", "hf_secret"));
    assertThat(pinned.toString() + pinned.engineConfig()).doesNotContain("hf_secret");
    hub.requests.clear();
    assertThat(local(locator(pinned))).isNotEmpty();
    assertThat(hub.requests).isNotEmpty().allMatch(line -> line.contains("Bearer hf_secret"));
  }

  @Test
  void usesNothingButTheCacheWhereTheHubIsOffLimits() {
    String[] offline = {"HF_HUB_OFFLINE", "1"};
    OptionValues options = options("hf://openai/tiny");
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> pin(locator(options, offline)))
        .withMessageContaining("HF_HUB_OFFLINE");
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> local(locator(options, offline)))
        .withMessageContaining("HF_HUB_OFFLINE");
    assertThat(hub.requests).isEmpty();

    String folder = local(locator(pin(locator(options))));
    hub.requests.clear();
    OptionValues pinned = pin(locator(options, offline));
    assertThat(pinned.text(OptionKey.MODEL)).isEqualTo(PINNED);
    assertThat(local(locator(pinned))).isEqualTo(folder);
    assertThat(local(locator(options, offline))).isEqualTo(folder);
    assertThat(hub.requests).isEmpty();
  }

  @Test
  void copiesTheVersionOfALocalFolderThatTheDriverSaw() throws IOException {
    Path folder = Files.createDirectories(root.resolve("model"));
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(folder.resolve("model.safetensors"), "first");
    OptionValues options = options(folder.toString(), "model_copy", "always");
    OptionValues first = pin(locator(options));
    Path copy = Path.of(local(locator(first)));
    assertThat(copy.resolve("model.safetensors")).hasContent("first");

    Files.writeString(folder.resolve("model.safetensors"), "other");
    Files.setLastModifiedTime(folder.resolve("model.safetensors"), FileTime.fromMillis(1_000));
    OptionValues second = pin(locator(options));
    assertThat(second.engineConfig()).isNotEqualTo(first.engineConfig());
    Path other = Path.of(local(locator(second)));
    assertThat(other.resolve("model.safetensors")).hasContent("other");
    assertThat(Path.of(local(locator(first))).resolve("model.safetensors")).hasContent("first");

    Files.setLastModifiedTime(folder.resolve("model.safetensors"), FileTime.fromMillis(2_000));
    OptionValues third = pin(locator(options));
    Files.setLastModifiedTime(folder.resolve("model.safetensors"), FileTime.fromMillis(3_000));
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> local(locator(third)))
        .withMessageContaining("changed");
  }

  @Test
  void leavesTheDemoAndLocalFoldersAlone() {
    for (String model : new String[] {"demo", "/models/m"}) {
      OptionValues same = pin(locator(options(model)));
      assertThat(same.text(OptionKey.MODEL)).isEqualTo(model);
      assertThat(same.modelAccess()).isEmpty();
      assertThat(local(locator(same))).isEqualTo(model);
    }
  }

  @Test
  void carriesHadoopsSettingsToExecutors() throws IOException {
    Path folder = Files.createDirectories(root.resolve("model"));
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(folder.resolve("model.safetensors"), "remote");
    OptionValues pinned = pin(locator(options("remote:" + folder)));
    assertThat(pinned.modelAccess()).containsKey("fs.remote.impl");
    assertThat(pinned.text(OptionKey.MODEL)).matches("remote:/.*#[0-9a-f]{16}");
    String copy = local(locator(pinned));
    assertThat(Path.of(copy, "model.safetensors")).hasContent("remote");
  }

  private OptionValues remote(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(folder.resolve("model-1.safetensors"), "old weights");
    Files.writeString(folder.resolve("model-2.safetensors"), "old weights too");
    return options("remote:" + folder);
  }

  private static void replace(Path file, String text) {
    try {
      Files.writeString(file, text);
      Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertChanged(OptionValues pinned) throws IOException {
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> local(locator(pinned)))
        .withMessageContaining("changed")
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    assertThat(CachedModels.in(root.resolve("cache").toString()).list())
        .noneMatch(CachedModel::isWhole);
  }

  @Test
  void refusesAFolderThatChangedSinceItWasPinned() throws IOException {
    Path folder = root.resolve("model");
    OptionValues pinned = pin(locator(remote(folder)));
    replace(folder.resolve("model-2.safetensors"), "new weights too");
    assertChanged(pinned);
  }

  @ParameterizedTest
  @ValueSource(strings = {"new weights", "short", "much longer weights"})
  void refusesAFolderThatChangesWhileItIsCopied(String text) throws IOException {
    Path folder = root.resolve("model");
    OptionValues pinned = pin(locator(remote(folder)));
    // The model's first file has been listed and not been read; another file may be in the cache.
    RemoteFileSystem.beforeOpen =
        file -> {
          if (file.getName().equals("model-1.safetensors")) {
            replace(folder.resolve(file.getName()), text);
          }
        };
    try {
      assertChanged(pinned);
    } finally {
      RemoteFileSystem.beforeOpen = file -> {};
    }
  }

  @Test
  void asksNobodyForTheVersionOfWhatIsPinned() throws IOException {
    OptionValues hubModel = pin(locator(options("hf://openai/tiny"), "HF_TOKEN", "hf_secret"));
    hub.requests.clear();
    assertSame(hubModel, pin(locator(hubModel)));
    assertThat(pin(locator(options(PINNED))).text(OptionKey.MODEL)).isEqualTo(PINNED);
    assertThat(hub.requests).isEmpty();

    Path folder = root.resolve("model");
    OptionValues remoteModel = pin(locator(remote(folder)));
    String local = folder.toString();
    OptionValues localModel = pin(locator(options(local, "model_copy", "always")));
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    assertSame(remoteModel, pin(locator(remoteModel)));
    assertSame(localModel, pin(locator(localModel)));
    // A pinned address that a person wrote gets what executors need to read it.
    OptionValues written = options(remoteModel.text(OptionKey.MODEL));
    assertSame(remoteModel, pin(locator(written)));
  }

  private static void assertSame(OptionValues first, OptionValues second) {
    assertThat(second.text(OptionKey.MODEL)).isEqualTo(first.text(OptionKey.MODEL));
    assertThat(second.modelAccess()).isEqualTo(first.modelAccess());
  }

  private static void assertRefused(Path model, boolean seesExecutorsFiles, String... message) {
    for (String text : new String[] {model.toString(), model.toUri().toString()}) {
      OptionValues values = OptionValues.resolve(Map.of("model", text), Map.of());
      assertThatExceptionOfType(InvalidModelException.class)
          .isThrownBy(() -> ModelLocator.verify(values, seesExecutorsFiles))
          .satisfies(e -> assertThat(e.getMessage()).contains(message).doesNotContain("\n"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesAFolderThatTheDriverSeesOnAnyMaster(boolean seesExecutorsFiles) throws IOException {
    assertRefused(root, seesExecutorsFiles, "empty");
    Files.writeString(root.resolve("config.json"), "{\"model_type\": \"llama\"}");
    Files.writeString(root.resolve("model.safetensors"), "");
    assertRefused(root, seesExecutorsFiles, "llama", "gpt_oss");
    assertRefused(root.resolve("config.json"), seesExecutorsFiles, "config.json");
  }

  @Test
  void leavesAFolderThatIsNotHereToExecutorsUnlessTheyAreHere() {
    Path elsewhere = root.resolve("elsewhere");
    ModelLocator.verify(options(elsewhere.toString()), false);
    assertRefused(elsewhere, true, elsewhere.toString());
    ModelLocator.verify(options("demo"), false);
    ModelLocator.verify(options("hf://openai/tiny"), true);
  }

  /** Writes what has the names of an adapter's files. */
  private Path adapter(String config, String weights) throws IOException {
    Path folder = Files.createDirectories(root.resolve("adapter"));
    Files.writeString(folder.resolve("adapter_config.json"), config);
    Files.writeString(folder.resolve("adapter_model.safetensors"), weights);
    return folder;
  }

  private static String named(Path adapter) {
    return "{\"a\": \"" + adapter + "\"}";
  }

  @ParameterizedTest
  @ValueSource(strings = {"hf://openai/tiny", "demo", "/only/on/executors"})
  void refusesAnAdapterThatIsHereWhereverTheModelIs(String model) throws IOException {
    OptionValues values =
        options(model, "lora_adapters", named(adapter("{\"peft_type\": \"IA3\"}", "")));
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> ModelLocator.verify(values, false))
        .withMessageContaining("'peft_type' is 'IA3'");
    assertThat(hub.requests).isEmpty();
  }

  /** Engines are compared by addresses, and an executor that finds another version fails. */
  @Test
  void pinsAnAdapterInPlaceToItsContent() throws IOException {
    String config = "{\"peft_type\": \"LORA\", \"r\": 1, \"lora_alpha\": 1}";
    String weights = "\2\0\0\0\0\0\0\0{}";
    Path adapter = adapter(config, weights);
    OptionValues values = options("demo", "lora_adapters", named(adapter));
    OptionValues first = pinned(values);
    assertThat(first.loraAdapters().get("a")).matches(adapter + "#[0-9a-f]{16}");
    assertThat(pinned(first)).isEqualTo(first);
    try (LocalModel local = ModelLocator.localModel(first, CopyProgress.Listener.NONE)) {
      assertThat(local.adapters()).isEqualTo(Map.of("a", adapter.toString()));
    }

    adapter(config.replace("\"lora_alpha\": 1", "\"lora_alpha\": 2"), weights);
    OptionValues second = pinned(values);
    assertThat(second.engineConfig()).isNotEqualTo(first.engineConfig());
    ModelLocator.localModel(second, CopyProgress.Listener.NONE).close();
    assertThatExceptionOfType(ModelErrors.SourceChangedException.class)
        .isThrownBy(() -> ModelLocator.localModel(first, CopyProgress.Listener.NONE))
        .withMessageContaining(adapter + " changed");

    // What was written long ago is known by its sizes and times.
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.setLastModifiedTime(adapter.resolve(file), FileTime.fromMillis(1_000));
    }
    assertThat(pinned(values)).isEqualTo(second);
    assertThat(pinned(values)).isEqualTo(second);
    adapter(config, weights);
    assertThat(pinned(values)).isEqualTo(first);
  }

  private static OptionValues pinned(OptionValues values) {
    return ModelLocator.pin(values, true, Configuration::new);
  }

  @Test
  void leavesAnAdapterThatIsNotHereWithoutAVersion() {
    OptionValues values = options("demo", "lora_adapters", named(root.resolve("elsewhere")));
    assertThat(ModelLocator.pin(values, false, Configuration::new).loraAdapters())
        .isEqualTo(values.loraAdapters());
  }

  @Test
  void refusesAnAdapterBeforeTheModelIsCopied() throws IOException {
    Path adapter = adapter("{\"peft_type\": \"IA3\"}", "weights");
    OptionValues values = options("hf://openai/tiny", "lora_adapters", named(adapter));
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> ModelLocator.localModel(values, CopyProgress.Listener.NONE))
        .withMessageContaining("'peft_type' is 'IA3'");
    assertThat(hub.requests).isEmpty();
  }

  @Test
  void makesAPathThatIsHereAbsolute() {
    assertThat(ModelLocator.absolute(options("src/test")).text(OptionKey.MODEL))
        .isEqualTo(Path.of("src/test").toAbsolutePath().toString());
    for (String other : new String[] {"demo", "no/such/folder", "/tmp", "s3://a/b"}) {
      assertThat(ModelLocator.absolute(options(other)).text(OptionKey.MODEL)).isEqualTo(other);
    }
  }
}
