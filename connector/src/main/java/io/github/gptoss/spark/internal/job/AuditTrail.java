package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.ModelFingerprint;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.spark.internal.models.CopyProgress;
import io.github.gptoss.spark.internal.models.LocalModel;
import io.github.gptoss.spark.internal.models.ModelLocator;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionName;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
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

  private final SparkSession spark;
  private final OptionValues values;
  private final Map<String, Object> run;
  private final Map<String, String> options;
  private final Map<String, String> versions;

  /** Null until a commit asks for it: who commits nothing needs no model. */
  private Fingerprints fingerprints;

  /** The figures of the run's making, for its commits and its report. */
  AuditTrail(
      SparkSession spark, String runId, JobSpec job, JobSpec.Mode mode, OptionValues values) {
    this.spark = spark;
    this.values = values;
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("run_id", runId);
    facts.put("mode", JobSpec.text(mode));
    facts.put("input", withoutUser(job.input().name()));
    facts.put("input_format", job.input().table() == null ? job.input().format() : "table");
    facts.put("retry_errors", job.retryErrors());
    facts.put("escalate_effort", values.escalates());
    facts.putAll(job.steps().facts());
    facts.put("model", withoutUser(values.text(OptionKey.MODEL)));
    if (!values.loraAdapters().isEmpty()) {
      facts.put("lora_adapters", withoutUsers(values.loraAdapters()));
    }
    run = Collections.unmodifiableMap(facts);
    options = options(values, spark.conf().get("spark.redaction.regex", ""));
    versions = versions(spark);
  }

  /** The run, and the fingerprints where a commit has asked for them. */
  synchronized Map<String, Object> run() {
    Map<String, Object> facts = new LinkedHashMap<>(run);
    if (fingerprints != null) {
      facts.put("model_fingerprint", fingerprints.model());
      if (!fingerprints.adapters().isEmpty()) {
        facts.put("lora_fingerprints", fingerprints.adapters());
      }
    }
    return facts;
  }

  /**
   * What tells the model and its adapters from others.
   *
   * @param adapters by name; serializable
   */
  private record Fingerprints(String model, TreeMap<String, String> adapters)
      implements Serializable {
    static Fingerprints of(String model, Map<String, String> adapters) {
      TreeMap<String, String> byName = new TreeMap<>();
      adapters.forEach((name, folder) -> byName.put(name, ModelFingerprint.ofAdapter(folder)));
      return new Fingerprints(ModelFingerprint.of(model), byName);
    }
  }

  Map<String, String> options() {
    return options;
  }

  Map<String, String> versions() {
    return versions;
  }

  /** What a commit says. */
  synchronized String json() {
    if (fingerprints == null) {
      fingerprints = fingerprints(spark, values);
    }
    Map<String, Object> audit = new LinkedHashMap<>(run());
    audit.put("options", options);
    audit.put("versions", versions);
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
  private static Fingerprints fingerprints(SparkSession spark, OptionValues values) {
    if (ModelLocator.isInPlace(values)) {
      try {
        return fingerprintsHere(values);
      } catch (InvalidModelException e) {
        // The path may be there on the executors only.
      }
    }
    return new JavaSparkContext(spark.sparkContext())
        .parallelize(List.of(values), 1)
        .map(AuditTrail::fingerprintsHere)
        .first();
  }

  private static Fingerprints fingerprintsHere(OptionValues values) {
    try (LocalModel model = ModelLocator.localModel(values, CopyProgress.Listener.NONE)) {
      return Fingerprints.of(model.path(), model.adapters());
    }
  }

  /** Those that were given, as far as they may be shown. */
  static Map<String, String> options(OptionValues values, String redaction) {
    Pattern secret = redaction.isEmpty() ? null : Pattern.compile(redaction);
    Map<String, String> shown = new LinkedHashMap<>();
    for (OptionKey key : OptionKey.values()) {
      if (values.isSet(key)) {
        String text =
            key == OptionKey.LORA_ADAPTERS
                ? OptionValues.jsonAddresses(withoutUsers(values.loraAdapters()))
                : values.text(key);
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

  private static Map<String, String> withoutUsers(Map<String, String> addresses) {
    Map<String, String> shown = new LinkedHashMap<>(addresses);
    shown.replaceAll((name, address) -> withoutUser(address));
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

  /** Delta is there at run time only. */
  private static String delta() {
    try {
      return String.valueOf(Class.forName("io.delta.package").getMethod("VERSION").invoke(null));
    } catch (ReflectiveOperationException e) {
      return "unknown";
    }
  }
}
