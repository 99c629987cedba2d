package io.github.gptoss.engine.lora;

import static io.github.gptoss.engine.json.UntrustedText.quote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.json.StrictJson;
import io.github.gptoss.engine.json.UntrustedText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What adapter_config.json says that decides the result: ranks, alphas, and which matrices have to
 * be there. Source of the keys: peft/tuners/lora/config.py.
 */
final class AdapterConfig {
  /** Most characters of a pattern; module names are far shorter. */
  private static final int MAX_PATTERN_CHARS = 200;

  /** Values of init_lora_weights, or their beginnings, that change the base model's weights. */
  private static final List<String> CHANGE_THE_BASE =
      List.of("pissa", "olora", "corda", "loftq", "lora_ga");

  /** Configurations of initialisations and of training, which leave the result alone. */
  private static final Set<String> HARMLESS_CONFIGS =
      Set.of("loftq_config", "eva_config", "corda_config", "lora_ga_config", "megatron_config");

  private final Path file;
  private final ObjectNode json;
  private final int rank;
  private final double alpha;
  private final boolean rankStabilized;
  private final Map<Pattern, Double> ranks;
  private final Map<Pattern, Double> alphas;
  private final List<String> modules;
  private final List<String> parameters;

  /** Reads the file's text; fails, with all findings at once, if it asks for what is not here. */
  AdapterConfig(Path file, byte[] text) {
    this.file = file;
    json = StrictJson.parseObject(file, text);
    List<String> findings = new ArrayList<>();
    if (!json.path("peft_type").asText().equalsIgnoreCase("LORA")) {
      findings.add(AdapterErrors.finding("peft_type", show(json.path("peft_type"))));
    }
    String bias = json.path("bias").asText("none");
    if (!json.path("bias").isMissingNode() && !bias.equals("none")) {
      findings.add(AdapterErrors.finding("bias", show(json.get("bias"))));
    }
    for (String key :
        List.of(
            "modules_to_save",
            "layer_replication",
            "trainable_token_indices",
            "alora_invocation_tokens")) {
      refuseUnlessEmpty(key, findings);
    }
    // PEFT's variants, those to come too, are switches or configurations of their own.
    json.properties()
        .forEach(
            field -> {
              String key = field.getKey();
              boolean isSwitch = key.startsWith("use_") || key.equals("lora_bias");
              boolean isConfig = key.endsWith("_config") && !HARMLESS_CONFIGS.contains(key);
              if ((isSwitch && !key.equals("use_rslora")) || isConfig) {
                refuseUnlessEmpty(key, findings);
              }
            });
    // PEFT compares in lower case.
    String init = json.path("init_lora_weights").asText("").toLowerCase(Locale.ROOT);
    if (CHANGE_THE_BASE.stream().anyMatch(init::startsWith)) {
      findings.add(AdapterErrors.finding("init_lora_weights", show(json.get("init_lora_weights"))));
    }
    if (!findings.isEmpty()) {
      throw AdapterErrors.unsupported(file, findings);
    }
    rank = (int) number("r", json.path("r"), true);
    alpha = number("lora_alpha", json.path("lora_alpha"), false);
    rankStabilized = json.path("use_rslora").asBoolean(false);
    ranks = patterns("rank_pattern", true);
    alphas = patterns("alpha_pattern", false);
    // Expressions, layers_to_transform and exclude_modules say less plainly which modules are
    // adapted: then the tensors alone do.
    boolean isPlain =
        isAbsent("layers_to_transform")
            && isAbsent("layers_pattern")
            && isAbsent("exclude_modules");
    modules = isPlain ? names("target_modules") : List.of();
    parameters = names("target_parameters");
  }

  private void refuseUnlessEmpty(String key, List<String> findings) {
    JsonNode value = json.path(key);
    boolean isEmpty =
        value.isMissingNode()
            || value.isNull()
            || (value.isBoolean() && !value.booleanValue())
            || (value.isContainerNode() && value.isEmpty());
    if (!isEmpty) {
      findings.add(AdapterErrors.finding(key, show(value)));
    }
  }

  /** The rank of a module or parameter. */
  int rank(String key) {
    return ranks.isEmpty() ? rank : (int) matching(ranks, key, rank);
  }

  /** What the low-rank product of a module or parameter is multiplied by. */
  float scale(String key) {
    double divisor = rankStabilized ? Math.sqrt(rank(key)) : rank(key);
    return (float) (matching(alphas, key, alpha) / divisor);
  }

  /**
   * Whether the configuration says plainly that a matrix is adapted. PEFT compares target_modules
   * with modules alone, and the experts' matrices are parameters: a name such as down_proj, which
   * is no module of this model, is passed over where another name is one.
   */
  boolean requires(Target target, int layer) {
    String key = target.key(layer);
    return (target.isExperts() ? parameters : modules)
        .stream().anyMatch(name -> key.equals(name) || key.endsWith("." + name));
  }

  /** The first pattern that matches the end of a key, from the start or after a dot, wins. */
  private static double matching(Map<Pattern, Double> patterns, String key, double fallback) {
    return patterns.entrySet().stream()
        .filter(entry -> entry.getKey().matcher(key).matches())
        .findFirst()
        .map(Map.Entry::getValue)
        .orElse(fallback);
  }

  private Map<Pattern, Double> patterns(String key, boolean integral) {
    Map<Pattern, Double> patterns = new LinkedHashMap<>();
    JsonNode value = json.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return patterns;
    }
    if (!value.isObject()) {
      throw AdapterErrors.value(file, key, show(value), "an object of module names and numbers");
    }
    value
        .properties()
        .forEach(
            entry ->
                patterns.put(
                    pattern(key, entry.getKey()),
                    number(key + "." + entry.getKey(), entry.getValue(), integral)));
    return patterns;
  }

  private Pattern pattern(String key, String text) {
    try {
      if (text.length() <= MAX_PATTERN_CHARS) {
        return Pattern.compile("(.*\\.)?(" + text + ")");
      }
    } catch (PatternSyntaxException e) {
      // Reported below, like one that is too long.
    }
    throw AdapterErrors.value(
        file, key, "an object with the key " + quote(text), "keys that are regular expressions");
  }

  private double number(String key, JsonNode value, boolean integral) {
    double number = value.asDouble();
    boolean isFine =
        integral
            ? value.isIntegralNumber() && value.canConvertToInt() && number > 0
            : value.isNumber() && Double.isFinite(number);
    if (!isFine) {
      throw AdapterErrors.value(
          file,
          UntrustedText.oneLine(key),
          show(value),
          integral ? "an integer above 0" : "a finite number");
    }
    return number;
  }

  /** Names that a key lists; none where it has an expression. */
  private List<String> names(String key) {
    List<String> names = new ArrayList<>();
    if (json.path(key).isArray()) {
      json.get(key).forEach(name -> names.add(name.asText()));
    }
    return names;
  }

  private boolean isAbsent(String key) {
    JsonNode value = json.path(key);
    return value.isMissingNode() || value.isNull() || (value.isContainerNode() && value.isEmpty());
  }

  private static String show(JsonNode value) {
    if (value.isMissingNode()) {
      return "missing";
    }
    return value.isTextual() ? quote(value.textValue()) : UntrustedText.oneLine(value.toString());
  }
}
