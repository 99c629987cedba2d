package io.github.gptoss.spark.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.ModelFingerprint;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionName;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.model.CopyListener;
import io.github.gptoss.spark.model.LocalModel;
import io.github.gptoss.spark.model.ModelLocator;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What a commit says of how it was made: run, model, options and versions. Texts that may be
 * prompts are in it as their length and hash, secrets not at all.
 */
final class AuditTrail {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REDACTED = "*********(redacted)";
  private static final Pattern USER_INFO =
      Pattern.compile("^((?!abfss?:|wasbs?:)[^:/?#]+://)[^/@]+@");

  private AuditTrail() {}

  /** The figures of the run's making, for its commits and its report. */
  static Map<String, Object> of(
      SparkSession spark, String runId, JobCommand job, JobCommand.Mode mode, OptionValues values) {
    Map<String, Object> audit = new LinkedHashMap<>();
    audit.put("run_id", runId);
    audit.put("mode", mode.name());
    audit.put("input", withoutUser(job.input));
    audit.put("input_format", job.inputFormat.name());
    audit.put("retry_errors", job.retryErrors);
    audit.put("escalate_effort", job.escalateEffort);
    audit.put("model", withoutUser(values.text(OptionKey.MODEL)));
    audit.put("options", options(values, spark.conf().get("spark.redaction.regex", "")));
    audit.put("versions", versions(spark));
    return audit;
  }

  /** Adds the model's fingerprint where it is not there: who commits nothing needs no model. */
  static void identify(Map<String, Object> audit, SparkSession spark, OptionValues values) {
    audit.computeIfAbsent("model_fingerprint", key -> fingerprint(spark, values));
  }

  static String json(Map<String, Object> audit) {
    try {
      return JSON.writeValueAsString(Map.of("gptoss", audit));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("strings always have a JSON form", e);
    }
  }

  /**
   * Where the driver does not see the model, an executor tells, which may have to copy it first, as
   * it has to for the rows.
   */
  private static String fingerprint(SparkSession spark, OptionValues values) {
    if (ModelLocator.isInPlace(values)) {
      try {
        return ModelFingerprint.of(values.text(OptionKey.MODEL));
      } catch (InvalidModelException e) {
        // The path may be there on the executors only.
      }
    }
    return new JavaSparkContext(spark.sparkContext())
        .parallelize(List.of(values), 1)
        .map(AuditTrail::fingerprintHere)
        .first();
  }

  private static String fingerprintHere(OptionValues values) {
    try (LocalModel model = ModelLocator.localModel(values, CopyListener.NONE)) {
      return ModelFingerprint.of(model.path());
    }
  }

  /** Those that were given, as far as they may be shown. */
  static Map<String, String> options(OptionValues values, String redaction) {
    Pattern secret = redaction.isEmpty() ? null : Pattern.compile(redaction);
    Map<String, String> shown = new LinkedHashMap<>();
    for (OptionKey key : OptionKey.values()) {
      if (values.isSet(key)) {
        String text = values.text(key);
        // Numbers keep no secrets, and the usual pattern would hide max_tokens.
        boolean isSecret =
            key.isSecret()
                || key.kind().isText() && secret != null && secret.matcher(key.optionName()).find();
        shown.put(
            key.optionName(),
            key.holdsText() ? digest(text) : isSecret ? REDACTED : withoutUser(text));
      }
    }
    values.columns().forEach((key, column) -> shown.put(new OptionName(key, true).text(), column));
    return shown;
  }

  /** Azure's addresses name the container where others name a user. */
  static String withoutUser(String address) {
    return USER_INFO.matcher(address).replaceFirst("$1");
  }

  private static String digest(String text) {
    return text.length() + " characters, sha256 " + DigestUtils.sha256Hex(text);
  }

  private static Map<String, String> versions(SparkSession spark) {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("gptoss-spark", project());
    versions.put("spark", spark.version());
    versions.put("delta", delta());
    versions.put("java", System.getProperty("java.runtime.version"));
    return versions;
  }

  private static String project() {
    try (InputStream in = AuditTrail.class.getResourceAsStream("/META-INF/gptoss.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new IllegalStateException("the jar is incomplete", e);
    }
  }

  /** Delta is there at run time only; null where it does not tell. */
  private static String delta() {
    try {
      return String.valueOf(Class.forName("io.delta.package").getMethod("VERSION").invoke(null));
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }
}
