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

  private ModelErrors() {}

  static InvalidConfigException noAddress(String model, Exception cause) {
    return new InvalidConfigException(
        "model '" + oneLine(model) + "' is not a valid address (" + reason(cause) + "): " + SHAPES,
        cause);
  }

  static InvalidConfigException noAbsolutePath(String model) {
    return new InvalidConfigException(
        "model '" + oneLine(model) + "' is not an absolute path: write it as file:/folder");
  }

  static InvalidConfigException webAddress(String model) {
    return new InvalidConfigException(
        "model '" + oneLine(model) + "' is a web page's address: " + SHAPES);
  }

  static InvalidConfigException noHubAddress(String model) {
    return new InvalidConfigException(
        "model '"
            + oneLine(model)
            + "' is not a repository of the hub: write hf://owner/name[@revision][/folder], for"
            + " instance hf://openai/gpt-oss-20b@main");
  }

  static InvalidConfigException passwordInAddress() {
    return new InvalidConfigException(
        "the model's address holds a password, which logs would show: give credentials in Hadoop's"
            + " settings (spark.hadoop.*)");
  }

  static InvalidModelException lacks(String address, String what) {
    return new InvalidModelException(
        address
            + " holds no "
            + what
            + ": give the folder of a gpt-oss checkpoint, config.json and its safetensors files");
  }

  static InvalidModelException badName(String address, String name) {
    return new InvalidModelException(
        address
            + " lists a file '"
            + oneLine(name)
            + "' that would be written outside of its folder: do not use this model");
  }

  static InvalidModelException badList(String address, String what) {
    return new InvalidModelException(
        "the hub's list of " + address + " " + what + ": check hf_endpoint (HF_ENDPOINT)");
  }

  static InvalidConfigException noFolder(String address) {
    return new InvalidConfigException(
        "model folder " + address + " does not exist: check the address");
  }

  static InvalidConfigException notFolder(String address) {
    return new InvalidConfigException(
        "model " + address + " is a file: give the folder that holds config.json and the weights");
  }

  static InvalidConfigException noFileSystem(String address, String scheme, Exception cause) {
    return new InvalidConfigException(
        "no filesystem for "
            + scheme
            + ": is on the class path, so "
            + address
            + " cannot be read ("
            + reason(cause)
            + "): add its package, for instance --packages org.apache.hadoop:hadoop-aws:3.5.0 for"
            + " s3a",
        cause);
  }

  static GptOssException unreadable(String address, Exception cause) {
    return new GptOssException(
        address
            + " cannot be read: "
            + reason(cause)
            + "; check the address, the network and the credentials",
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
        address
            + ": "
            + file.name()
            + " does not have the checksum that the hub lists, "
            + tries
            + " times in a row, so something on the network alters it: check proxies and"
            + " hf_endpoint");
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
        "the model cache "
            + folder
            + " cannot be used: "
            + reason(cause)
            + "; set option model_cache_dir to a folder that executors may write",
        cause);
  }

  static InvalidConfigException notRemoved(Path folder, Exception cause) {
    return new InvalidConfigException(
        "the model in "
            + folder
            + " cannot be removed from the cache: "
            + reason(cause)
            + "; run the command as the user who owns the folder",
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
    return new InvalidConfigException(
        "HF_HUB_OFFLINE is set and "
            + address
            + " is not complete in the model cache "
            + cache
            + ": unset it once, or fill the cache");
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
}
