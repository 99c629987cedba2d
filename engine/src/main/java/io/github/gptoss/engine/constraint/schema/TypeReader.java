package io.github.gptoss.engine.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.constraint.AnswerType;
import io.github.gptoss.engine.constraint.AnswerType.Kind;
import io.github.gptoss.engine.constraint.lexeme.NumberBounds;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the type that the values of a schema have in common. Where a schema contains itself, the
 * inner value is of kind JSON, since a type cannot.
 */
final class TypeReader {
  /** Types of more parts than this are JSON: one that holds two of the next doubles at each. */
  private static final int MAX_PARTS = 10_000;

  private static final int MAX_DIGITS = 38;
  private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
  private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  /** A type, and how many types there are in it. */
  private record Sized(AnswerType type, long parts) {
    static final Sized JSON = of(Kind.JSON, false);

    static Sized of(Kind kind, boolean isFinite) {
      return new Sized(AnswerType.scalar(kind, isFinite), 1);
    }

    Sized or(Sized other) {
      return new Sized(type.or(other.type), parts + other.parts);
    }
  }

  private final Normalizer normalizer;

  /** By shapes, since a reference to a schema is another schema with the same ones. */
  private final Map<List<Shape>, Sized> known = new HashMap<>();

  TypeReader(Normalizer normalizer) {
    this.normalizer = normalizer;
  }

  AnswerType type(Conjunction conjunction) {
    return sized(conjunction).type();
  }

  private Sized sized(Conjunction conjunction) {
    List<Shape> shapes = normalizer.shapes(conjunction);
    Sized type = known.get(shapes);
    if (type == null) {
      known.put(shapes, Sized.JSON);
      for (Shape shape : shapes) {
        if (!hasValues(shape)) {
          continue;
        }
        Sized ofShape = sized(shape);
        type = type == null ? ofShape : type.or(ofShape);
        if (type.parts() > MAX_PARTS) {
          type = Sized.JSON;
        }
      }
      type = type == null ? Sized.of(Kind.NULL, false) : type;
      known.put(shapes, type);
    }
    return type;
  }

  private Sized sized(Shape shape) {
    if (shape instanceof Shape.Null) {
      return Sized.of(Kind.NULL, true);
    }
    if (shape instanceof Shape.Bool) {
      return Sized.of(Kind.BOOLEAN, true);
    }
    if (shape instanceof Shape.NumLiterals numbers) {
      return Sized.of(kind(numbers.values()), true);
    }
    if (shape instanceof Shape.Num range) {
      NumberBounds bounds = range.bounds();
      boolean isBetween = bounds.min() != null && bounds.max() != null;
      return Sized.of(kind(bounds), bounds.isInteger() && isBetween);
    }
    if (shape instanceof Shape.Arr array) {
      return array(array);
    }
    if (shape instanceof Shape.Obj object) {
      return object(object);
    }
    if (shape instanceof Shape.Listed listed) {
      return normalizer.fitting(listed).stream().map(this::literal).reduce(Sized::or).orElseThrow();
    }
    return Sized.of(Kind.TEXT, shape instanceof Shape.StrLiterals);
  }

  private boolean hasValues(Conjunction conjunction) {
    return normalizer.shapes(conjunction).stream().anyMatch(this::hasValues);
  }

  private boolean hasValues(Shape shape) {
    return !(shape instanceof Shape.Listed listed) || !normalizer.fitting(listed).isEmpty();
  }

  private static Kind kind(Set<BigDecimal> numbers) {
    return numbers.stream().anyMatch(number -> number.scale() > 0)
        ? Kind.NUMBER
        : numbers.stream().map(TypeReader::kind).max(Kind::compareTo).orElseThrow();
  }

  private static Kind kind(NumberBounds bounds) {
    if (!bounds.isInteger()) {
      return Kind.NUMBER;
    }
    Kind least = bounds.min() == null ? Kind.LONG : kind(bounds.min());
    Kind most = bounds.max() == null ? Kind.LONG : kind(bounds.max());
    return least.compareTo(most) > 0 ? least : most;
  }

  /** Of integers that reach as far as a number. */
  private static Kind kind(BigDecimal number) {
    if (number.compareTo(LONG_MIN) >= 0 && number.compareTo(LONG_MAX) <= 0) {
      return Kind.LONG;
    }
    return number.precision() - number.scale() <= MAX_DIGITS ? Kind.INTEGER : Kind.JSON;
  }

  private Sized array(Shape.Arr array) {
    int first = array.parts().stream().mapToInt(part -> part.prefixItems.size()).max().orElse(0);
    Sized items = null;
    for (int i = 0; i <= first && i < array.max(); i++) {
      Conjunction item = Normalizer.item(array, i);
      if (hasValues(item)) {
        items = items == null ? sized(item) : items.or(sized(item));
      }
    }
    return array(items);
  }

  private static Sized array(Sized items) {
    Sized held = items == null ? Sized.of(Kind.NULL, false) : items;
    return new Sized(AnswerType.array(held.type()), held.parts() + 1);
  }

  private Sized object(Shape.Obj object) {
    List<String> names = Normalizer.names(object);
    if (names.isEmpty() || normalizer.hasOthers(object)) {
      return Sized.of(Kind.MAP, false);
    }
    List<AnswerType.Member> members = new ArrayList<>();
    long parts = 1;
    for (String name : names) {
      Conjunction value = normalizer.member(object, name);
      if (hasValues(value)) {
        Sized type = sized(value);
        members.add(new AnswerType.Member(name, type.type(), Normalizer.isRequired(object, name)));
        parts += type.parts();
      }
    }
    return new Sized(AnswerType.object(members), parts);
  }

  private Sized literal(JsonNode value) {
    if (value.isArray()) {
      Sized items = null;
      for (JsonNode item : value) {
        Sized type = sized(Conjunction.literal(item));
        items = items == null ? type : items.or(type);
      }
      return array(items);
    }
    List<AnswerType.Member> members = new ArrayList<>();
    long parts = 1;
    for (Map.Entry<String, JsonNode> member : value.properties()) {
      Sized type = sized(Conjunction.literal(member.getValue()));
      members.add(new AnswerType.Member(member.getKey(), type.type(), true));
      parts += type.parts();
    }
    return new Sized(AnswerType.object(members), parts);
  }
}
