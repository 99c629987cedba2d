package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Iterator;
import java.util.Map;

/**
 * Writes JSON as Rust's serde_json does, since the models saw schemas in that form: no spaces, keys
 * in their order, short escapes, floats in the fewest digits that read back the same.
 */
final class JsonText {
  private JsonText() {}

  static String of(JsonNode value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(JsonNode value, StringBuilder out) {
    if (value.isObject()) {
      writeObject(value, out);
    } else if (value.isArray()) {
      writeArray(value, out);
    } else if (value.isTextual()) {
      writeString(value.textValue(), out);
    } else if (value.isNumber()) {
      out.append(number(value));
    } else {
      out.append(value.asText());
    }
  }

  private static void writeObject(JsonNode object, StringBuilder out) {
    out.append('{');
    for (Iterator<Map.Entry<String, JsonNode>> it = object.fields(); it.hasNext(); ) {
      Map.Entry<String, JsonNode> field = it.next();
      writeString(field.getKey(), out);
      out.append(':');
      write(field.getValue(), out);
      if (it.hasNext()) {
        out.append(',');
      }
    }
    out.append('}');
  }

  private static void writeArray(JsonNode array, StringBuilder out) {
    out.append('[');
    for (int i = 0; i < array.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      write(array.get(i), out);
    }
    out.append(']');
  }

  private static void writeString(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static String number(JsonNode value) {
    boolean fitsInteger =
        value.isIntegralNumber()
            && (value.canConvertToLong()
                || (value.bigIntegerValue().signum() > 0
                    && value.bigIntegerValue().bitLength() <= Long.SIZE));
    return fitsInteger || !Double.isFinite(value.doubleValue())
        ? value.asText()
        : real(value.doubleValue());
  }

  /** Decimal where the point lies near the digits (1e-5 to 1e16), scientific beyond. */
  static String real(double value) {
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = shortest(Math.abs(value)).stripTrailingZeros();
    String digits = shortest.unscaledValue().toString();
    int point = digits.length() - shortest.scale(); // digits before the decimal point
    String text;
    if (point > 16 || point <= -5) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      text = digits.charAt(0) + fraction + "e" + (point - 1);
    } else if (point <= 0) {
      text = "0." + "0".repeat(-point) + digits;
    } else if (digits.length() <= point) {
      text = digits + "0".repeat(point - digits.length()) + ".0";
    } else {
      text = digits.substring(0, point) + "." + digits.substring(point);
    }
    return value < 0 ? "-" + text : text;
  }

  /** Double.toString of JDK 17 sometimes writes a digit too many. */
  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    for (int precision = 1; precision < 17; precision++) {
      BigDecimal rounded = exact.round(new MathContext(precision));
      if (rounded.doubleValue() == value) {
        return rounded;
      }
    }
    return exact.round(new MathContext(17));
  }
}
