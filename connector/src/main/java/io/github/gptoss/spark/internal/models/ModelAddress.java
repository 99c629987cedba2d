package io.github.gptoss.spark.internal.models;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A model's address: the parsed value of the option {@code model}. */
sealed interface ModelAddress {
  /** The model that is part of this project. */
  String DEMO = "demo";

  /**
   * A model that the engine opens in place: {@code demo}, or a local folder.
   *
   * @param version an adapter's pinned {@link AdapterVersions version}; null if it has none
   */
  record InPlace(String model, String version) implements ModelAddress {
    InPlace(String model) {
      this(model, null);
    }

    /** The option's text. */
    String text() {
      return version == null ? model : model + "#" + version;
    }

    /** Whether the folder does not exist here, so that it may exist on executors only. */
    boolean isElsewhere() {
      try {
        return !model.equals(DEMO) && !Files.exists(Path.of(model));
      } catch (InvalidPathException e) {
        // The text is not a path on any machine.
        return false;
      }
    }
  }

  /**
   * A folder of a Hadoop filesystem, or a local folder that is copied before use.
   *
   * @param version the pinned {@link ModelListing#version}; null if the address is not pinned
   */
  record Folder(URI uri, String version) implements ModelAddress {
    /** The option's text for exactly this version. */
    String pinned(String exactly) {
      return uri + "#" + exactly;
    }

    boolean isPinned() {
      return version != null;
    }

    boolean isLocal() {
      return "file".equals(uri.getScheme());
    }
  }

  /**
   * A repository of a Hugging Face hub.
   *
   * @param repository owner and name
   * @param revision branch, tag or commit
   * @param folder within the repository, without slashes around it; empty for its root
   */
  record Hub(String repository, String revision, String folder) implements ModelAddress {
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    boolean isPinned() {
      return COMMIT.matcher(revision).matches();
    }

    Hub at(String commit) {
      return new Hub(repository, commit, folder);
    }

    /** The option's text. */
    String text() {
      return "hf://"
          + repository
          + "@"
          + revision.replace("/", "%2F")
          + (folder.isEmpty() ? "" : "/" + folder);
    }
  }

  /** Which local folders are copied to the cache. */
  enum Copy {
    /** Folders of Databricks' network mounts. */
    AUTO,
    ALWAYS,
    NEVER
  }

  /** A scheme has at least two characters here, since one letter is a Windows drive. */
  Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]+):.*");

  Pattern HUB =
      Pattern.compile(
          "hf://(?<repository>[A-Za-z0-9][\\w.-]{0,95}/[A-Za-z0-9][\\w.-]{0,95})"
              + "(@(?<revision>(refs/(pr|convert)/)?[^/@]+))?(/(?<folder>.*))?");

  Pattern REVISION = Pattern.compile("[A-Za-z0-9][\\w./-]{0,254}");

  Pattern VERSION = Pattern.compile("(?<folder>.*)#(?<version>[0-9a-f]{16})");

  /**
   * Parses the option.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the text is not a valid address
   */
  static ModelAddress parse(String model, Copy copy) {
    Matcher scheme = SCHEME.matcher(model);
    if (!scheme.matches()) {
      return local(model, copy);
    }
    String name = scheme.group(1).toLowerCase(Locale.ROOT);
    Matcher pinned = VERSION.matcher(model);
    return switch (name) {
      case "hf" -> hub(model);
      case "http", "https" -> throw ModelErrors.webAddress(model);
      case "dbfs" -> local(mounted(path(model)), copy);
      default -> {
        if (pinned.matches()) {
          yield new Folder(uri(pinned.group("folder")), pinned.group("version"));
        }
        yield name.equals("file") ? local(path(model), copy) : new Folder(uri(model), null);
      }
    };
  }

  /**
   * The option's text, with the relative path of an existing folder made absolute, since executors
   * have other working directories. Any other text is returned unchanged.
   */
  static String absolute(String model) {
    if (model.equals(DEMO) || SCHEME.matcher(model).matches()) {
      return model;
    }
    try {
      Path path = Path.of(model);
      return path.isAbsolute() || !Files.exists(path)
          ? model
          : path.toAbsolutePath().normalize().toString();
    } catch (InvalidPathException e) {
      // Opening the model reports what is wrong with it.
      return model;
    }
  }

  /** Databricks mounts its filesystem at {@code /dbfs}, and volumes at their own paths. */
  private static String mounted(String path) {
    return path.startsWith("/Volumes/") ? path : "/dbfs" + path;
  }

  /**
   * Databricks' mounts are network filesystems. Mapping weights from them would fetch single pages
   * over the network, again for each executor, so the files are copied once, sequentially.
   */
  private static boolean isMount(String path) {
    return path.startsWith("/Volumes/") || path.startsWith("/dbfs/");
  }

  private static ModelAddress local(String path, Copy copy) {
    if (copy == Copy.ALWAYS && !path.equals(DEMO) || copy == Copy.AUTO && isMount(path)) {
      try {
        return new Folder(uri(Path.of(path).toAbsolutePath().normalize().toUri().toString()), null);
      } catch (InvalidPathException e) {
        throw ModelErrors.noAddress(path, e);
      }
    }
    Matcher pinned = VERSION.matcher(path);
    return pinned.matches()
        ? new InPlace(pinned.group("folder"), pinned.group("version"))
        : new InPlace(path);
  }

  private static String path(String model) {
    String path = uri(model).getPath();
    if (path == null || !path.startsWith("/")) {
      throw ModelErrors.noAbsolutePath(model);
    }
    return path;
  }

  private static URI uri(String model) {
    try {
      // Hadoop's paths may hold spaces and other characters that a URI has to encode.
      URI uri = new org.apache.hadoop.fs.Path(stripSlashes(model)).toUri();
      if (uri.getUserInfo() != null && uri.getUserInfo().contains(":")) {
        throw ModelErrors.passwordInAddress();
      }
      return new URI(uri.getScheme(), uri.getAuthority(), uri.getPath(), null, null);
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw ModelErrors.noAddress(model, e);
    }
  }

  private static String stripSlashes(String text) {
    int end = text.length();
    while (end > 1 && text.charAt(end - 1) == '/' && text.charAt(end - 2) != ':') {
      end--;
    }
    return text.substring(0, end);
  }

  private static Hub hub(String model) {
    Matcher parts = HUB.matcher(model);
    if (!parts.matches()) {
      throw ModelErrors.noHubAddress(model);
    }
    String given = parts.group("revision");
    String revision =
        given == null
            ? "main"
            : URLDecoder.decode(given.replace("+", "%2B"), StandardCharsets.UTF_8);
    String folder = parts.group("folder") == null ? "" : stripSlashes(parts.group("folder"));
    if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
      throw ModelErrors.noHubAddress(model);
    }
    for (String part : folder.split("/", -1)) {
      if (!folder.isEmpty() && !ModelListing.isPlainName(part)) {
        throw ModelErrors.noHubAddress(model);
      }
    }
    return new Hub(parts.group("repository"), revision, folder);
  }
}
