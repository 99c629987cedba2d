package io.github.gptoss.spark.internal.parsed;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.types.variant.Variant;
import org.apache.spark.types.variant.VariantBuilder;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.unsafe.types.VariantVal;

/** The type of a completion's {@code parsed}, and how the answer becomes a value of it. */
public final class ParsedType implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Answers are as long as the engine lets them be: names and numbers have no other limit. */
  private static final JsonFactory UNLIMITED =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  static final JsonMapper JSON =
      JsonMapper.builder(UNLIMITED)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  /** The answer as it is: JSON, or the text of a form that is none. */
  public static final ParsedType TEXT = new ParsedType(DataTypes.StringType, null);

  /** Spark's variant of JSON; of answers that are none, a text. */
  public static final ParsedType VARIANT =
      new ParsedType(DataTypes.VariantType, ParsedType::variant);

  /** Spark's variant of answers that are texts, whatever they look like. */
  static final ParsedType TEXT_VARIANT =
      new ParsedType(DataTypes.VariantType, ParsedType::textVariant);

  /** Makes Spark's internal value of an answer. */
  @FunctionalInterface
  interface TextReader extends Serializable {
    Object read(UTF8String answer);
  }

  private final DataType type;
  private final TextReader reader;

  private ParsedType(DataType type, TextReader reader) {
    this.type = type;
    this.reader = reader;
  }

  /** A type whose values are read from the answer's JSON. */
  static ParsedType ofJson(DataType type, JsonReader reader) {
    return new ParsedType(
        type,
        answer -> {
          JsonNode json = parse(answer);
          return json.isNull() ? null : reader.read(json);
        });
  }

  private static JsonNode parse(UTF8String answer) {
    try {
      return JSON.readTree(answer.getBytes());
    } catch (IOException e) {
      throw new IllegalStateException("an answer that fits a schema is always JSON", e);
    }
  }

  private static VariantVal variant(UTF8String answer) {
    try (JsonParser parser = JSON.createParser(answer.getBytes())) {
      parser.nextToken();
      VariantVal json = variant(VariantBuilder.parseJson(parser, true));
      return parser.nextToken() == null ? json : textVariant(answer);
    } catch (JsonProcessingException e) {
      return textVariant(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static VariantVal textVariant(UTF8String answer) {
    VariantBuilder text = new VariantBuilder(false);
    text.appendString(answer.toString());
    return variant(text.result());
  }

  private static VariantVal variant(Variant variant) {
    return new VariantVal(variant.getValue(), variant.getMetadata());
  }

  /** A JSON value as text. */
  static UTF8String text(JsonNode json) {
    try {
      return UTF8String.fromBytes(JSON.writeValueAsBytes(json));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As columns have it. */
  public DataType type() {
    return type;
  }

  /** Whether values are the answers themselves. */
  public boolean isText() {
    return reader == null;
  }

  /**
   * Spark's internal value of an answer.
   *
   * @throws ParsedRangeException if a number is beyond the type
   */
  public Object value(UTF8String answer) {
    return reader == null ? answer : reader.read(answer);
  }

  /**
   * What two answers have in common where the column {@code parsed} has equal values of them. Spark
   * does not compare maps: of a type with one the JSON is compared. It is canonical, since texts
   * and variants that are parts of a value would else differ by the order of their members.
   *
   * @param isJson whether the answer's form makes it JSON
   */
  public Object comparable(String answer, boolean isJson) {
    String text = isJson ? JsonValue.canonical(answer) : answer;
    if (isText() || type.existsRecursively(part -> part instanceof MapType)) {
      return text;
    }
    return new GenericInternalRow(new Object[] {value(UTF8String.fromString(text))});
  }

  /** The reader follows from the type and the options of the call. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ParsedType parsed && parsed.type.equals(type);
  }

  @Override
  public int hashCode() {
    return type.hashCode();
  }

  @Override
  public String toString() {
    return type.sql();
  }
}
