package io.github.gptoss.engine.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.gptoss.engine.constraint.text.LimitExceededException;
import io.github.gptoss.engine.constraint.text.Terms;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Proves that no value fits two schemas. What it cannot prove may still be so. */
final class Exclusion {
  private static final int MAX_DEPTH = 8;

  private final Normalizer normalizer;
  private final Terms terms;

  Exclusion(Normalizer normalizer, Terms terms) {
    this.normalizer = normalizer;
    this.terms = terms;
  }

  boolean exclude(List<Shape> some, List<Shape> others) {
    return exclude(some, others, 0);
  }

  private boolean exclude(List<Shape> some, List<Shape> others, int depth) {
    return some.stream().allMatch(a -> others.stream().allMatch(b -> exclude(a, b, depth)));
  }

  private boolean exclude(Shape a, Shape b, int depth) {
    if (type(a) != type(b)) {
      return true;
    }
    JsonNode literal = literal(a);
    JsonNode other = literal(b);
    if (literal != null && other != null) {
      return !Literals.areEqual(literal, other);
    }
    if (literal != null || other != null) {
      // Objects are closed by default here, but not for those who judge the answer.
      return false;
    }
    if (a instanceof Shape.NumLiterals numbers) {
      return excludes(numbers, b);
    }
    if (b instanceof Shape.NumLiterals numbers) {
      return excludes(numbers, a);
    }
    if (a instanceof Shape.StrLiterals texts) {
      return excludes(texts, b);
    }
    if (b instanceof Shape.StrLiterals texts) {
      return excludes(texts, a);
    }
    if (a instanceof Shape.Num x && b instanceof Shape.Num y) {
      return x.bounds().and(y.bounds()).isEmpty();
    }
    if (a instanceof Shape.Str x && b instanceof Shape.Str y) {
      return excludes(x, y);
    }
    if (depth == MAX_DEPTH) {
      return false;
    }
    if (a instanceof Shape.Arr x && b instanceof Shape.Arr y) {
      return excludes(x, y, depth);
    }
    return a instanceof Shape.Obj x && b instanceof Shape.Obj y && excludes(x, y, depth);
  }

  private static SchemaNode.Type type(Shape shape) {
    if (shape instanceof Shape.Literal literal) {
      return literal.value().isArray() ? SchemaNode.Type.ARRAY : SchemaNode.Type.OBJECT;
    }
    if (shape instanceof Shape.Null) {
      return SchemaNode.Type.NULL;
    }
    if (shape instanceof Shape.Bool) {
      return SchemaNode.Type.BOOLEAN;
    }
    if (shape instanceof Shape.Num || shape instanceof Shape.NumLiterals) {
      return SchemaNode.Type.NUMBER;
    }
    if (shape instanceof Shape.Arr) {
      return SchemaNode.Type.ARRAY;
    }
    return shape instanceof Shape.Obj ? SchemaNode.Type.OBJECT : SchemaNode.Type.STRING;
  }

  private static JsonNode literal(Shape shape) {
    if (shape instanceof Shape.Bool bool) {
      return BooleanNode.valueOf(bool.value());
    }
    return shape instanceof Shape.Literal literal ? literal.value() : null;
  }

  private boolean excludes(Shape.NumLiterals numbers, Shape other) {
    return numbers.values().stream()
        .noneMatch(number -> normalizer.accepts(List.of(other), DecimalNode.valueOf(number)));
  }

  private boolean excludes(Shape.StrLiterals texts, Shape other) {
    if (other instanceof Shape.Str string && string.hasFormat()) {
      return false;
    }
    return texts.values().stream()
        .noneMatch(text -> normalizer.accepts(List.of(other), TextNode.valueOf(text)));
  }

  private boolean excludes(Shape.Str x, Shape.Str y) {
    if (x.hasFormat() || y.hasFormat()) {
      return Math.max(x.min(), y.min()) > Math.min(x.max(), y.max());
    }
    try {
      return !terms.isAlive(
          terms.and(List.of(x.term(), y.term())),
          Math.max(x.min(), y.min()),
          Math.min(x.max(), y.max()));
    } catch (LimitExceededException e) {
      // What is too large to decide is not proven.
      return false;
    }
  }

  private boolean excludes(Shape.Arr x, Shape.Arr y, int depth) {
    if (Math.max(x.min(), y.min()) > Math.min(x.max(), y.max())) {
      return true;
    }
    int both = Math.min(x.min(), y.min());
    for (int i = 0; i < Math.min(both, 16); i++) {
      if (exclude(
          normalizer.shapes(Normalizer.item(x, i)),
          normalizer.shapes(Normalizer.item(y, i)),
          depth + 1)) {
        return true;
      }
    }
    return false;
  }

  private boolean excludes(Shape.Obj x, Shape.Obj y, int depth) {
    if (Math.max(x.min(), y.min()) > Math.min(x.max(), y.max())) {
      return true;
    }
    Set<String> names = new LinkedHashSet<>(Normalizer.names(x));
    names.addAll(Normalizer.names(y));
    for (String name : names) {
      boolean inX = Normalizer.isRequired(x, name);
      boolean inY = Normalizer.isRequired(y, name);
      if ((inX || inY)
          && (forbids(x, name) && inY
              || forbids(y, name) && inX
              || inX && inY && exclude(values(x, name), values(y, name), depth + 1))) {
        return true;
      }
    }
    return false;
  }

  /** A member that is closed out only by default does not count: validators let it pass. */
  private boolean forbids(Shape.Obj object, String name) {
    return values(object, name).isEmpty();
  }

  private List<Shape> values(Shape.Obj object, String name) {
    Conjunction member = normalizer.member(object, name);
    return normalizer.shapes(member == null ? Conjunction.ANYTHING : member);
  }
}
