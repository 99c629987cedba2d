package io.github.gptoss.spark.internal.parsed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.ConstraintProbe;
import io.github.gptoss.engine.constraint.ChoiceProbabilities;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.harmony.Conversation;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.List;

/**
 * The form that options give the answers.
 *
 * @param responseFormat OpenAI's JSON, as the prompt shows it; null for none
 * @param constraint null where answers may have any form
 * @param declared the Spark type that is given in the place of a schema; null for none
 * @param probabilities which probabilities of values are wanted
 */
public record AnswerForm(
    JsonNode responseFormat,
    ConstraintSpec constraint,
    DeclaredType declared,
    ChoiceProbabilities probabilities) {
  /** The numbers of schemas are compared exactly. */
  private static final ObjectMapper PROMPT_JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));

  private static final List<OptionKey> FORMS =
      List.of(OptionKey.RESPONSE_FORMAT, OptionKey.STRUCTURED_OUTPUTS);

  /**
   * Reads the options.
   *
   * @throws InvalidConfigException if the form is neither JSON nor a type
   * @throws io.github.gptoss.engine.error.ConstraintException if it is not what it must be
   */
  public static AnswerForm of(OptionValues options) {
    DeclaredType declared = declared(options);
    JsonNode format = shown(options, declared);
    return new AnswerForm(
        format,
        ConstraintSpec.of(format, json(options, OptionKey.STRUCTURED_OUTPUTS)).orElse(null),
        declared,
        probabilities(options));
  }

  private static ChoiceProbabilities probabilities(OptionValues options) {
    double cutOff = options.doubleValue(OptionKey.CHOICE_PROBABILITIES_CUTOFF);
    List<String> names = options.listValue(OptionKey.CHOICE_PROBABILITIES);
    boolean isFlag =
        names.size() == 1
            && (names.get(0).equalsIgnoreCase("true") || names.get(0).equalsIgnoreCase("false"));
    return isFlag
        ? new ChoiceProbabilities(Boolean.parseBoolean(names.get(0)), List.of(), cutOff)
        : ChoiceProbabilities.of(names, cutOff);
  }

  /** What the prompt shows of the form, on the terms of {@link #of}. */
  public static JsonNode shown(OptionValues options) {
    return shown(options, declared(options));
  }

  private static JsonNode shown(OptionValues options, DeclaredType declared) {
    return declared == null ? json(options, OptionKey.RESPONSE_FORMAT) : responseFormat(declared);
  }

  /** Null where the form is no type. */
  private static DeclaredType declared(OptionValues options) {
    String text = options.text(OptionKey.RESPONSE_FORMAT);
    return isType(text) ? DeclaredType.of(text) : null;
  }

  private static boolean isType(String text) {
    if (text == null || text.isBlank()) {
      return false;
    }
    char first = text.strip().charAt(0);
    return Character.isLetter(first) || first == '`';
  }

  private static ObjectNode responseFormat(DeclaredType declared) {
    ObjectNode format = PROMPT_JSON.createObjectNode().put("type", "json_schema");
    format.putObject("json_schema").put("name", "answer").set("schema", declared.schema());
    return format;
  }

  private static JsonNode json(OptionValues options, OptionKey key) {
    String json = options.text(key);
    try {
      return json == null ? null : PROMPT_JSON.readTree(json);
    } catch (StreamConstraintsException e) {
      throw new InvalidConfigException(
          "option " + key.optionName() + " " + ConstraintSpec.BEYOND_JSON_LIMITS, e);
    } catch (JsonProcessingException e) {
      throw new InvalidConfigException("option " + key.optionName() + " is not valid JSON", e);
    }
  }

  /** What a turn in a conversation is guaranteed to have, and what is to be found of it. */
  public TurnSpec turn(Conversation conversation) {
    return TurnSpec.of(conversation, constraint).with(probabilities);
  }

  /** The type of what is parsed of the answers of a call. */
  public static ParsedType parsedType(OptionValues options) {
    String wanted = options.text(OptionKey.PARSED_TYPE);
    boolean isVariant = wanted.equals("variant");
    if (wanted.equals("string") || mayDiffer(options)) {
      return isVariant ? ParsedType.VARIANT : ParsedType.TEXT;
    }
    AnswerForm form = of(options);
    ConstraintSpec constraint = form.constraint();
    if (constraint == null || constraint.kind() != ConstraintSpec.Kind.JSON_SCHEMA) {
      return isVariant ? ParsedType.TEXT_VARIANT : ParsedType.TEXT;
    }
    if (isVariant) {
      return ParsedType.VARIANT;
    }
    return form.declared() == null
        ? SchemaTypes.of(ConstraintProbe.typeOf(constraint))
        : form.declared().parsed();
  }

  /** Whether rows may have forms of their own, which have no type in common. */
  private static boolean mayDiffer(OptionValues options) {
    return options.isSet(OptionKey.REQUEST_COL)
        || FORMS.stream().anyMatch(options.columns()::containsKey);
  }

  /** Whether an option is one of those that say the form. */
  public static boolean isSaidBy(OptionKey key) {
    return FORMS.contains(key);
  }
}
