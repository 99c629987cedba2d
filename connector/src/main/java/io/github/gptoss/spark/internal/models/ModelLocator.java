package io.github.gptoss.spark.internal.models;

import io.github.gptoss.engine.ModelProbe;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;

/**
 * Finds the model that options name. The driver pins the version that the address stands for, so
 * that all executors compute with the same one. Each machine copies that version to its cache once.
 */
public final class ModelLocator {
  private final OptionValues values;
  private final Map<String, String> environment;
  private final Supplier<Configuration> processHadoop;
  private final Retries retries;

  /**
   * @param processHadoop this process's own settings of Hadoop's filesystems
   */
  ModelLocator(
      OptionValues values,
      Map<String, String> environment,
      Supplier<Configuration> processHadoop,
      Retries retries) {
    this.values = values;
    this.environment = environment;
    this.processHadoop = processHadoop;
    this.retries = retries;
  }

  private static ModelLocator of(OptionValues values) {
    return new ModelLocator(values, System.getenv(), HadoopSettings::ofProcess, Retries.DEFAULT);
  }

  /**
   * On the driver: the options with an address that stands for one version of the model, and with
   * what executors need to read it. A branch or tag of a hub becomes its commit, and a folder gets
   * a fingerprint of its files' names, lengths, times and entity tags; an executor that finds
   * another version fails. A model that is opened in place, and {@code demo}, have no version; an
   * adapter that is opened in place has its content's, wherever the driver sees it.
   *
   * <p>Pinning is idempotent: what is pinned already keeps its version, and no source is asked.
   *
   * @param seesExecutorsFiles whether this machine is the one that computes
   * @param hadoop the session's settings of Hadoop's filesystems
   * @throws io.github.gptoss.engine.error.GptOssException if the address is wrong, there is no
   *     model, or it may not be read
   */
  public static OptionValues pin(
      OptionValues values, boolean seesExecutorsFiles, Supplier<Configuration> hadoop) {
    OptionValues pinned = of(values).pin(seesExecutorsFiles, hadoop);
    if (pinned.loraAdapters().isEmpty()) {
      return pinned;
    }
    Map<String, String> addresses = new TreeMap<>();
    Map<String, String> access = new TreeMap<>(pinned.modelAccess());
    values
        .loraAdapters()
        .forEach(
            (name, address) -> {
              OptionValues adapter = of(adapter(values, address)).pin(seesExecutorsFiles, hadoop);
              addresses.put(name, versioned(of(adapter).address(), adapter));
              access.putAll(adapter.modelAccess());
            });
    return pinned.withAdapters(addresses, access);
  }

  /** The address of a pinned adapter, with a version also where it is opened in place and here. */
  private static String versioned(ModelAddress address, OptionValues adapter) {
    return address instanceof ModelAddress.InPlace place
            && place.version() == null
            && !place.isElsewhere()
        ? new ModelAddress.InPlace(place.model(), AdapterVersions.of(place.model())).text()
        : adapter.text(OptionKey.MODEL);
  }

  /** Options in which an adapter's address stands where the model's does. */
  private static OptionValues adapter(OptionValues values, String address) {
    return values.located(address, values.modelAccess());
  }

  /**
   * The model on this machine, to be closed after the engine. A model that is not in the cache is
   * copied first, which may take minutes.
   *
   * @throws io.github.gptoss.engine.error.GptOssException if it cannot be copied; the next call
   *     goes on from what is there
   */
  public static LocalModel localModel(OptionValues values, CopyProgress.Listener listener) {
    Map<String, LocalModel> adapters = new TreeMap<>();
    try {
      values
          .loraAdapters()
          .forEach(
              (name, address) -> {
                LocalModel adapter = of(adapter(values, address)).local(listener);
                adapters.put(name, adapter);
                // Before the model, whose copy may take long.
                ModelProbe.verifyAdapter(adapter.path());
              });
      return of(values).local(listener).with(adapters);
    } catch (RuntimeException | Error e) {
      adapters.values().forEach(LocalModel::close);
      throw e;
    }
  }

  /** Whether model and adapters are opened in place, without a copy. Accesses no file. */
  public static boolean isInPlace(OptionValues values) {
    return of(values).address() instanceof ModelAddress.InPlace
        && values.loraAdapters().values().stream()
            .allMatch(
                address -> of(adapter(values, address)).address() instanceof ModelAddress.InPlace);
  }

  /** The options with the relative paths of existing folders made absolute. */
  public static OptionValues absolute(OptionValues values) {
    String model = values.text(OptionKey.MODEL);
    String absolute = ModelAddress.absolute(model);
    Map<String, String> adapters = new TreeMap<>(values.loraAdapters());
    adapters.replaceAll((name, address) -> ModelAddress.absolute(address));
    OptionValues located = absolute.equals(model) ? values : values.with(OptionKey.MODEL, absolute);
    return adapters.equals(values.loraAdapters())
        ? located
        : located.withAdapters(adapters, located.modelAccess());
  }

  /**
   * Checks the files of a model, and of adapters, that are opened in place, without loading them.
   * An adapter is checked wherever the model is.
   *
   * @param seesExecutorsFiles whether this machine is the one that computes; where not, a folder
   *     that is not here may still be there
   * @throws io.github.gptoss.engine.error.GptOssException if the model cannot be used
   */
  public static void verify(OptionValues values, boolean seesExecutorsFiles) {
    Map<String, String> adapters = new TreeMap<>();
    values
        .loraAdapters()
        .forEach(
            (name, address) ->
                here(of(adapter(values, address)).address(), seesExecutorsFiles)
                    .ifPresent(folder -> adapters.put(name, folder)));
    // Whether they fit is told where the model is in place, too.
    adapters.values().forEach(ModelProbe::verifyAdapter);
    // The demo model is part of the jar; only adapters to it have to be checked.
    here(of(values).address(), seesExecutorsFiles)
        .filter(folder -> !folder.equals(ModelAddress.DEMO) || !adapters.isEmpty())
        .ifPresent(folder -> ModelProbe.verify(values.engineConfig(folder, adapters)));
  }

  /** The folder that is opened in place, unless it may be on other machines alone. */
  private static Optional<String> here(ModelAddress address, boolean seesExecutorsFiles) {
    return address instanceof ModelAddress.InPlace place
            && (seesExecutorsFiles || !place.isElsewhere())
        ? Optional.of(place.model())
        : Optional.empty();
  }

  private ModelAddress address() {
    ModelAddress.Copy copy =
        ModelAddress.Copy.valueOf(values.text(OptionKey.MODEL_COPY).toUpperCase(Locale.ROOT));
    return ModelAddress.parse(values.text(OptionKey.MODEL), copy);
  }

  private ModelCache cache() {
    return ModelCache.in(values.text(OptionKey.MODEL_CACHE_DIR));
  }

  private HubSettings hub() {
    Map<String, String> given = new TreeMap<>(values.modelAccess());
    putIfSet(given, HubSettings.TOKEN, values.text(OptionKey.HF_TOKEN));
    putIfSet(given, HubSettings.ENDPOINT, values.text(OptionKey.HF_ENDPOINT));
    return HubSettings.of(given, environment);
  }

  private static void putIfSet(Map<String, String> map, String name, String value) {
    if (value != null) {
      map.put(name, value);
    }
  }

  OptionValues pin(boolean seesExecutorsFiles, Supplier<Configuration> hadoop) {
    ModelAddress address = address();
    if (address instanceof ModelAddress.Hub hub) {
      return pin(hub, seesExecutorsFiles);
    }
    if (address instanceof ModelAddress.Folder folder) {
      return pin(folder, seesExecutorsFiles, hadoop);
    }
    return values.located(((ModelAddress.InPlace) address).text(), Map.of());
  }

  private OptionValues pin(
      ModelAddress.Folder folder, boolean seesExecutorsFiles, Supplier<Configuration> hadoop) {
    if (folder.isPinned() && (folder.isLocal() || !values.modelAccess().isEmpty())) {
      return values;
    }
    if (folder.isLocal() && !seesExecutorsFiles && !Files.exists(Path.of(folder.uri()))) {
      return values;
    }
    Configuration conf = hadoop.get();
    Map<String, String> access = folder.isLocal() ? Map.of() : HadoopSettings.of(conf);
    if (folder.isPinned()) {
      return values.located(values.text(OptionKey.MODEL), access);
    }
    try (ModelSource source = HadoopSource.open(folder, conf, retries)) {
      return values.located(folder.pinned(source.list().version()), access);
    } catch (IOException e) {
      throw ModelErrors.unreadable(folder.uri().toString(), e);
    }
  }

  private OptionValues pin(ModelAddress.Hub hub, boolean seesExecutorsFiles) {
    HubSettings settings = hub();
    HubRefs refs = new HubRefs(cache());
    Map<String, String> access = new TreeMap<>();
    access.put(HubSettings.ENDPOINT, settings.endpoint().toString());
    putIfSet(access, HubSettings.TOKEN, settings.token());
    access.put(HubSettings.OFFLINE, String.valueOf(settings.isOffline()));
    if (!hub.isPinned() && !settings.isOffline()) {
      String commit =
          refs.current(hub, settings, () -> new HubSource(hub, settings, retries).list().version());
      return values.located(hub.at(commit).text(), access);
    }
    Optional<String> commit = refs.find(hub, settings);
    if (commit.isEmpty() && seesExecutorsFiles) {
      throw ModelErrors.offline(hub.text(), cache().root());
    }
    return values.located(commit.map(hub::at).orElse(hub).text(), access);
  }

  LocalModel local(CopyProgress.Listener listener) {
    ModelAddress address = address();
    if (address instanceof ModelAddress.Hub hub) {
      return local(hub, listener);
    }
    if (address instanceof ModelAddress.Folder folder) {
      return local(folder, listener);
    }
    ModelAddress.InPlace place = (ModelAddress.InPlace) address;
    if (place.version() != null && !place.version().equals(AdapterVersions.read(place.model()))) {
      throw ModelErrors.changed(place.model());
    }
    return new LocalModel(place.model(), () -> {});
  }

  private LocalModel local(ModelAddress.Folder folder, CopyProgress.Listener listener) {
    String address = folder.uri().toString();
    boolean hashes = values.booleanValue(OptionKey.VERIFY_MODEL);
    ModelCache cache = cache();
    if (folder.isPinned()) {
      Optional<LocalModel> cached = cache.open(address, folder.version(), hashes);
      if (cached.isPresent()) {
        return cached.get();
      }
    }
    Configuration conf = processHadoop.get();
    values.modelAccess().forEach(conf::set);
    try (ModelSource source = HadoopSource.open(folder, conf, retries)) {
      ModelListing listing = source.list();
      if (folder.isPinned() && !folder.version().equals(listing.version())) {
        throw ModelErrors.changed(address);
      }
      return cache.obtain(address, listing, source, hashes, listener);
    } catch (IOException e) {
      throw ModelErrors.unreadable(address, e);
    }
  }

  private LocalModel local(ModelAddress.Hub hub, CopyProgress.Listener listener) {
    HubSettings settings = hub();
    boolean hashes = values.booleanValue(OptionKey.VERIFY_MODEL);
    ModelCache cache = cache();
    HubRefs refs = new HubRefs(cache);
    Optional<String> known =
        hub.isPinned() || settings.isOffline() ? refs.find(hub, settings) : Optional.empty();
    if (known.isPresent()) {
      Optional<LocalModel> cached = cache.open(key(hub, settings), known.get(), hashes);
      if (cached.isPresent()) {
        return cached.get();
      }
    }
    if (settings.isOffline()) {
      throw ModelErrors.offline(hub.text(), cache.root());
    }
    HubSource named = new HubSource(hub, settings, retries);
    ModelListing listing = named.list();
    refs.note(hub, settings, listing.version());
    HubSource source =
        hub.isPinned() ? named : new HubSource(hub.at(listing.version()), settings, retries);
    return cache.obtain(key(hub, settings), listing, source, hashes, listener);
  }

  /** The cache's address of a repository's folder, which is the same for all commits. */
  private static String key(ModelAddress.Hub hub, HubSettings settings) {
    return settings.endpoint()
        + "/"
        + hub.repository()
        + (hub.folder().isEmpty() ? "" : "/" + hub.folder());
  }
}
