package io.github.gptoss.spark.model;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
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
 * Finds the model that options name. The driver pins what its address stands for now, so that all
 * executors compute with the same version, and each machine copies that version into its cache
 * once.
 */
public final class ModelLocator {
  private static volatile CopyProgress copying;

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
   * On the driver: the options with the model's present version in its address, and with what
   * executors need to read it. Options whose model needs no copying come back as they are.
   *
   * @param seesExecutorsFiles whether this machine is the one that computes
   * @param hadoop the session's settings of Hadoop's filesystems
   * @throws io.github.gptoss.engine.error.GptOssException if the address is wrong, there is no
   *     model, or it may not be read
   */
  public static OptionValues pin(
      OptionValues values, boolean seesExecutorsFiles, Supplier<Configuration> hadoop) {
    return of(values).pin(seesExecutorsFiles, hadoop);
  }

  /**
   * The model where this machine's engine finds it, to be closed after the engine. Copies the model
   * if need be, which may take as long as the network does.
   *
   * @throws io.github.gptoss.engine.error.GptOssException if it cannot be had; another call goes on
   *     from what was copied
   */
  public static LocalModel localModel(OptionValues values, CopyListener listener) {
    return of(values).local(listener);
  }

  /** How far this process's latest copy is; none where it copied nothing. */
  public static Optional<CopyProgress> copying() {
    return Optional.ofNullable(copying);
  }

  /** Whether the model is opened where it is. Touches nothing. */
  public static boolean isInPlace(OptionValues values) {
    return of(values).address() instanceof ModelAddress.InPlace;
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
    if (address instanceof ModelAddress.Folder folder && folder.version() == null) {
      if (folder.isLocal() && !seesExecutorsFiles && !Files.exists(Path.of(folder.uri()))) {
        return values;
      }
      Configuration conf = hadoop.get();
      try (ModelSource source = HadoopSource.open(folder, conf, retries)) {
        return values.located(
            folder.pinned(source.list().version()),
            folder.isLocal() ? Map.of() : HadoopSettings.of(conf));
      } catch (IOException e) {
        throw ModelErrors.unreadable(folder.uri().toString(), e);
      }
    }
    if (address instanceof ModelAddress.InPlace place) {
      return values.located(place.model(), Map.of());
    }
    return values;
  }

  private OptionValues pin(ModelAddress.Hub hub, boolean seesExecutorsFiles) {
    HubSettings settings = hub();
    HubRefs refs = new HubRefs(cache());
    Map<String, String> access = new TreeMap<>();
    access.put(HubSettings.ENDPOINT, settings.endpoint().toString());
    putIfSet(access, HubSettings.TOKEN, settings.token());
    access.put(HubSettings.OFFLINE, String.valueOf(settings.isOffline()));
    if (!settings.isOffline()) {
      String commit =
          HubCommits.current(
              hub, settings, () -> new HubSource(hub, settings, retries).list().version());
      refs.note(hub, settings, commit);
      return values.located(hub.at(commit).text(), access);
    }
    Optional<String> commit = refs.find(hub, settings);
    if (commit.isEmpty() && seesExecutorsFiles) {
      throw ModelErrors.offline(hub.text(), cache().root());
    }
    return values.located(commit.map(hub::at).orElse(hub).text(), access);
  }

  LocalModel local(CopyListener listener) {
    CopyListener both =
        progress -> {
          copying = progress;
          listener.progress(progress);
        };
    ModelAddress address = address();
    if (address instanceof ModelAddress.Hub hub) {
      return local(hub, both);
    }
    if (address instanceof ModelAddress.Folder folder) {
      return local(folder, both);
    }
    return new LocalModel(((ModelAddress.InPlace) address).model(), () -> {});
  }

  private LocalModel local(ModelAddress.Folder folder, CopyListener listener) {
    String address = folder.uri().toString();
    boolean hashes = values.booleanValue(OptionKey.VERIFY_MODEL);
    ModelCache cache = cache();
    if (folder.version() != null) {
      Optional<LocalModel> cached = cache.open(address, folder.version(), hashes);
      if (cached.isPresent()) {
        return cached.get();
      }
    }
    Configuration conf = processHadoop.get();
    values.modelAccess().forEach(conf::set);
    try (ModelSource source = HadoopSource.open(folder, conf, retries)) {
      ModelListing listing = source.list();
      if (folder.version() != null && !folder.version().equals(listing.version())) {
        throw ModelErrors.changed(address);
      }
      return cache.obtain(address, listing, source, hashes, listener);
    } catch (IOException e) {
      throw ModelErrors.unreadable(address, e);
    }
  }

  private LocalModel local(ModelAddress.Hub hub, CopyListener listener) {
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

  /** What tells one repository's folder from all others, whatever the commit. */
  private static String key(ModelAddress.Hub hub, HubSettings settings) {
    return settings.endpoint()
        + "/"
        + hub.repository()
        + (hub.folder().isEmpty() ? "" : "/" + hub.folder());
  }
}
