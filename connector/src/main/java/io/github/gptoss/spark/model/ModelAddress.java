package io.github.gptoss.spark.model;

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

/** Where a model lies, as the option {@code model} says it. */
sealed interface ModelAddress {
  /** The model that is part of this project. */
  String DEMO = "demo";

  /** What the engine opens as it is: {@code demo}, or a folder of this machine. */
  record InPlace(String model) implements ModelAddress {
    /** Whether it is a folder that this machine has not, and another one may have. */
    boolean isElsewhere() {
      try {
        return !model.equals(DEMO) && !Files.exists(Path.of(model));
      } catch (InvalidPathException e) {
        // No path anywhere.
        return false;
      }
    }
  }

  /**
   * A folder of a Hadoop filesystem, or of a local one that is better copied.
   *
   * @param version of the folder's content, {@link ModelListing#version}; null for whatever is
   *     there
   */
  record Folder(URI uri, String version) implements ModelAddress {
    /** The option's text that asks for exactly this version. */
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

  /** Which local folders are copied to the cache too. */
  enum Copy {
    /** Those of Databricks' network mounts. */
    AUTO,
    ALWAYS,
    NEVER
  }

  /** At least two characters, since one is a drive of Windows. */
  Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]+):.*");

  Pattern HUB =
      Pattern.compile(
          "hf://(?<repository>[A-Za-z0-9][\\w.-]{0,95}/[A-Za-z0-9][\\w.-]{0,95})"
              + "(@(?<revision>(refs/(pr|convert)/)?[^/@]+))?(/(?<folder>.*))?");

  Pattern REVISION = Pattern.compile("[A-Za-z0-9][\\w./-]{0,254}");

  Pattern VERSION = Pattern.compile("(?<folder>.*)#(?<version>[0-9a-f]{16})");

  /**
   * Reads the option.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if it is no address that can work
   */
  static ModelAddress parse(String model, Copy copy) {
    Matcher scheme = SCHEME.matcher(model);
    if (!scheme.matches()) {
      return local(model, copy);
    }
    return switch (scheme.group(1).toLowerCase(Locale.ROOT)) {
      case "hf" -> hub(model);
      case "http", "https" -> throw ModelErrors.webAddress(model);
      case "dbfs" -> local(mounted(path(model)), copy);
      case "file" -> {
        Matcher pinned = VERSION.matcher(model);
        yield pinned.matches()
            ? new Folder(uri(pinned.group("folder")), pinned.group("version"))
            : local(path(model), copy);
      }
      default -> {
        Matcher pinned = VERSION.matcher(model);
        yield pinned.matches()
            ? new Folder(uri(pinned.group("folder")), pinned.group("version"))
            : new Folder(uri(model), null);
      }
    };
  }

  /**
   * The option's text with the path of a folder that is here as other processes of this machine see
   * it, whose working folders are others. Other texts come back as they are.
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
      // Whoever opens the model says what is wrong with it.
      return model;
    }
  }

  /** Databricks shows its filesystem to all processes below {@code /dbfs}, volumes as they are. */
  private static String mounted(String path) {
    return path.startsWith("/Volumes/") ? path : "/dbfs" + path;
  }

  /**
   * Databricks' mounts are a network behind a filesystem's face: mapping weights would fetch them
   * page by page, for each executor anew, so they are read once and in order.
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
    return new InPlace(path);
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
      // Hadoop's paths may hold spaces and the like, which a URI spells otherwise.
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
