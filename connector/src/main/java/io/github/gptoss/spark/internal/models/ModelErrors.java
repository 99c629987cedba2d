package io.github.gptoss.spark.internal.models;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Errors of finding and copying models. Each is one line and never contains a token. */
final class ModelErrors {
  private static final String SHAPES =
      "give a folder, hf://owner/name[@revision], an address that Hadoop knows"
          + " (s3a://bucket/folder, abfss://, gs://, hdfs://), or demo";

  /** A source holds another version of a model than the one that is asked for. */
  static final class SourceChangedException extends GptOssException {
    private static final long serialVersionUID = 1L;

    private SourceChangedException(String message) {
      super(message);
    }
  }

  private ModelErrors() {}

  static InvalidConfigException noAddress(String model, Exception cause) {
    return new InvalidConfigException(
        "model '%s' is not a valid address (%s): %s"
            .formatted(oneLine(model), reason(cause), SHAPES),
        cause);
  }

  static InvalidConfigException noAbsolutePath(String model) {
    return invalid("model '%s' is not an absolute path: write it as file:/folder", oneLine(model));
  }

  static InvalidConfigException webAddress(String model) {
    return invalid("model '%s' is a web page's address: %s", oneLine(model), SHAPES);
  }

  static InvalidConfigException noHubAddress(String model) {
    return invalid(
        "model '%s' is not a repository of the hub: write hf://owner/name[@revision][/folder],"
            + " for instance hf://openai/gpt-oss-20b@main",
        oneLine(model));
  }

  static InvalidConfigException passwordInAddress() {
    return new InvalidConfigException(
        "the model's address holds a password, which logs would show: give credentials in Hadoop's"
            + " settings (spark.hadoop.*)");
  }

  static InvalidModelException lacks(String address, String what) {
    return new InvalidModelException(
        ("%s holds no %s: give the folder of a gpt-oss checkpoint, config.json and its"
                + " safetensors files")
            .formatted(address, what));
  }

  static InvalidModelException badName(String address, String name) {
    return new InvalidModelException(
        "%s lists a file '%s' that would be written outside of its folder: do not use this model"
            .formatted(address, oneLine(name)));
  }

  static InvalidModelException badList(String address, String what) {
    return new InvalidModelException(
        "the hub's list of %s %s: check hf_endpoint (HF_ENDPOINT)".formatted(address, what));
  }

  static InvalidConfigException noFolder(String address) {
    return invalid("model folder %s does not exist: check the address", address);
  }

  static InvalidConfigException notFolder(String address) {
    return invalid(
        "model %s is a file: give the folder that holds config.json and the weights", address);
  }

  static InvalidConfigException noFileSystem(String address, String scheme, Exception cause) {
    return new InvalidConfigException(
        ("no filesystem for %s: is on the class path, so %s cannot be read (%s): add its package,"
                + " for instance --packages org.apache.hadoop:hadoop-aws:3.5.0 for s3a")
            .formatted(scheme, address, reason(cause)),
        cause);
  }

  static GptOssException unreadable(String address, Exception cause) {
    return new GptOssException(
        "%s cannot be read: %s; check the address, the network and the credentials"
            .formatted(address, reason(cause)),
        cause);
  }

  static SourceChangedException changed(String address) {
    return new SourceChangedException(
        address
            + " changed while it was in use, and machines must not compute with different versions:"
            + " start the job again when the upload is complete");
  }

  static GptOssException wrongBytes(String address, ModelFile file, int tries) {
    return new GptOssException(
        ("%s: %s does not have the checksum that the hub lists, %s times in a row, so something"
                + " on the network alters it: check proxies and hf_endpoint")
            .formatted(address, file.name(), tries));
  }

  static GptOssException gaveUp(String address, ModelFile file, long bytes, Exception cause) {
    return new GptOssException(
        String.format(
            Locale.ROOT,
            "%s: %s could not be copied beyond byte %,d of %,d: %s; the copied bytes are kept, and"
                + " the next attempt goes on from there",
            address,
            file.name(),
            bytes,
            file.bytes(),
            reason(cause)),
        cause);
  }

  static GptOssException interrupted(String address) {
    return new GptOssException(
        "copying " + address + " was interrupted; the next attempt goes on from the copied bytes");
  }

  static InvalidConfigException cacheUnusable(Path folder, Exception cause) {
    return new InvalidConfigException(
        ("the model cache %s cannot be used: %s; set option model_cache_dir to a folder that"
                + " executors may write")
            .formatted(folder, reason(cause)),
        cause);
  }

  static InvalidConfigException notRemoved(Path folder, Exception cause) {
    return new InvalidConfigException(
        ("the model in %s cannot be removed from the cache: %s; run the command as the user who"
                + " owns the folder")
            .formatted(folder, reason(cause)),
        cause);
  }

  static InvalidConfigException noSpace(String address, Path folder, long needs, long free) {
    return new InvalidConfigException(
        String.format(
            Locale.ROOT,
            "%s needs %s more in the model cache %s, and its disk has %s free (%,d of %,d bytes):"
                + " free space there, or set option model_cache_dir to a larger disk",
            address,
            size(needs),
            folder,
            size(free),
            free,
            needs));
  }

  static InvalidConfigException offline(String address, Path cache) {
    return invalid(
        "HF_HUB_OFFLINE is set and %s is not complete in the model cache %s: unset it once, or"
            + " fill the cache",
        address, cache);
  }

  /** A number of bytes in a unit that people read. */
  static String size(long bytes) {
    int power = bytes < 1 << 20 ? 1 : bytes < 1 << 30 ? 2 : 3;
    return String.format(
        Locale.ROOT, "%.1f %ciB", bytes / Math.pow(1024, power), "KMG".charAt(power - 1));
  }

  static String reason(Exception e) {
    String message = e.getMessage();
    String first =
        message == null || message.isBlank() ? "" : message.strip().lines().findFirst().orElse("");
    // Some exceptions of java.nio have only a path as their message, so their name is added.
    return e instanceof IOException && e.getClass() != IOException.class || first.isEmpty()
        ? e.getClass().getSimpleName() + (first.isEmpty() ? "" : ": " + first)
        : first;
  }

  /** Untrusted text, shortened and on one line. */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(200)
        .forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return line.toString();
  }

  private static InvalidConfigException invalid(String text, Object... values) {
    return new InvalidConfigException(text.formatted(values));
  }
}
