package io.github.gptoss.engine.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.constraint.lexeme.NumberBounds;
import io.github.gptoss.engine.constraint.schema.Literals.Literal;
import io.github.gptoss.engine.constraint.schema.SchemaNode.Combination;
import io.github.gptoss.engine.constraint.schema.SchemaNode.Group;
import io.github.gptoss.engine.constraint.schema.SchemaNode.Type;
import io.github.gptoss.engine.constraint.text.Formats;
import io.github.gptoss.engine.constraint.text.LimitExceededException;
import io.github.gptoss.engine.constraint.text.PatternException;
import io.github.gptoss.engine.constraint.text.Patterns;
import io.github.gptoss.engine.constraint.text.Term;
import io.github.gptoss.engine.constraint.text.Terms;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Turns schemas into shapes: combinations are multiplied out, so that each shape is a conjunction
 * of plain keywords of one type. Members and items stay schemas, so recursive schemas end.
 */
final class Normalizer {
  private static final int MAX_SHAPES = 2_000;
  private static final int MAX_NESTING = 500;
  private static final int MAX_LISTED = 2_000;

  private static final Shape ANY_ARRAY = new Shape.Arr(List.of(), 0, SchemaNode.UNBOUNDED, false);
  private static final Shape ANY_OBJECT = new Shape.Obj(List.of(), 0, SchemaNode.UNBOUNDED);

  /** A {@code oneOf} whose branches are not yet known to exclude each other. */
  private record Unproven(SchemaNode node, Group group) {}

  private final Terms terms;
  private final Work work = new Work();
  private final Exclusion exclusion;
  private final Map<Conjunction, List<Shape>> known = new HashMap<>();
  private final Map<SchemaNode, List<Shape>> ofNodes = new HashMap<>();
  private final Set<SchemaNode> open = new LinkedHashSet<>();
  private final Deque<Unproven> unproven = new ArrayDeque<>();
  private final Map<String, Term> patterns = new HashMap<>();

  Normalizer(Terms terms) {
    this.terms = terms;
    exclusion = new Exclusion(this, terms, work);
  }

  /**
   * The shapes of the values that fit; none if no value does, as far as keywords alone say. Arrays
   * and objects that are listed may still not fit what they are listed among.
   */
  List<Shape> shapes(Conjunction conjunction) {
    List<Shape> shapes = known.get(conjunction);
    if (shapes == null) {
      if (conjunction.literal() != null) {
        shapes = literals(Literals.of(List.of(conjunction.literal())));
      } else {
        shapes = everything();
        for (SchemaNode schema : conjunction.schemas()) {
          shapes = both(shapes, shapes(schema), schema, "allOf");
        }
      }
      known.put(conjunction, shapes);
    }
    return shapes;
  }

  /** Whether all values that fit are objects, as far as keywords alone say. */
  boolean isOfObjects(SchemaNode node) {
    return shapes(node).stream().allMatch(shape -> Exclusion.type(shape) == Type.OBJECT);
  }

  /** The values of a list that fit what they are listed among. */
  List<JsonNode> fitting(Shape.Listed listed) {
    boolean isChecked = !listed.among().equals(ANY_ARRAY) && !listed.among().equals(ANY_OBJECT);
    return listed.values().stream()
        .map(Literal::value)
        .filter(value -> !isChecked || accepts(listed.among(), value))
        .toList();
  }

  /**
   * Proves that the branches of each {@code oneOf} met so far exclude each other. That looks into
   * members and items, which may be the schemas that hold the {@code oneOf}, so it waits until
   * these are multiplied out.
   */
  void requireExclusiveBranches() {
    while (!unproven.isEmpty()) {
      requireExclusive(unproven.remove());
    }
  }

  private List<Shape> everything() {
    return ofTypes(SchemaNode.allTypes(), NumberBounds.NUMBER, null);
  }

  private List<Shape> ofTypes(Set<Type> types, NumberBounds number, SchemaNode node) {
    List<Shape> shapes = new ArrayList<>();
    List<SchemaNode> parts = node == null ? List.of() : List.of(node);
    for (Type type : types) {
      switch (type) {
        case NULL -> shapes.add(new Shape.Null());
        case BOOLEAN -> {
          shapes.add(new Shape.Bool(true));
          shapes.add(new Shape.Bool(false));
        }
        case NUMBER -> shapes.add(new Shape.Num(number));
        case STRING -> {
          if (node == null) {
            shapes.add(new Shape.Str(terms.any(), 0, SchemaNode.UNBOUNDED, false, false, ""));
          } else {
            shapes.add(string(node));
          }
        }
        case ARRAY ->
            shapes.add(
                node == null
                    ? new Shape.Arr(parts, 0, SchemaNode.UNBOUNDED, false)
                    : new Shape.Arr(
                        hasItems(node) ? parts : List.of(),
                        node.minItems,
                        node.maxItems,
                        node.isUnique));
        case OBJECT ->
            shapes.add(
                node == null
                    ? new Shape.Obj(parts, 0, SchemaNode.UNBOUNDED)
                    : new Shape.Obj(
                        hasMembers(node) ? parts : List.of(),
                        node.minProperties,
                        node.maxProperties));
      }
    }
    return shapes;
  }

  private static boolean hasItems(SchemaNode node) {
    return node.items != null || !node.prefixItems.isEmpty();
  }

  private static boolean hasMembers(SchemaNode node) {
    return !node.properties.isEmpty()
        || !node.patternProperties.isEmpty()
        || node.additionalProperties != null
        || !node.required.isEmpty();
  }

  private Shape string(SchemaNode node) {
    List<Term> conditions = new ArrayList<>();
    if (node.pattern != null) {
      conditions.add(pattern(node.pattern, node.at("pattern")));
    }
    if (node.format != null) {
      conditions.add(Formats.term(terms, node.format));
    }
    return new Shape.Str(
        terms.and(conditions),
        node.minLength,
        node.maxLength,
        !conditions.isEmpty(),
        node.format != null,
        conditions.isEmpty() ? "" : node.at(node.pattern != null ? "pattern" : "format"));
  }

  /** The strings in which a pattern is found. */
  Term pattern(String pattern, String path) {
    Term term = patterns.get(pattern);
    if (term == null) {
      try {
        term = Patterns.search(terms, pattern);
      } catch (PatternException e) {
        throw SchemaErrors.ofPattern(e, path);
      } catch (LimitExceededException e) {
        throw SchemaErrors.tooLarge("pattern", path, e.getMessage());
      }
      patterns.put(pattern, term);
    }
    return term;
  }

  private List<Shape> shapes(SchemaNode node) {
    List<Shape> shapes = ofNodes.get(node);
    if (shapes == null) {
      if (!open.add(node)) {
        throw SchemaErrors.invalid("$ref", node.at("$ref"), "a reference that ends somewhere");
      }
      if (open.size() > MAX_NESTING) {
        throw SchemaErrors.tooLarge(
            "$ref", node.path, "more than " + MAX_NESTING + " schemas are combined in each other");
      }
      shapes = everything();
      for (Group group : node.groupsBefore) {
        shapes = both(shapes, group(group, node), node, group.keyword());
      }
      shapes = both(shapes, own(node), node, node.literals == null ? "type" : "enum");
      for (Group group : node.groupsBehind) {
        shapes = both(shapes, group(group, node), node, group.keyword());
      }
      open.remove(node);
      ofNodes.put(node, shapes);
    }
    return shapes;
  }

  private List<Shape> own(SchemaNode node) {
    if (node.isNever) {
      return List.of();
    }
    Set<Type> types = node.types == null ? SchemaNode.allTypes() : node.types;
    List<Shape> plain = ofTypes(types, node.number, node);
    if (node.literals == null) {
      return plain;
    }
    if (node.literals.stream().filter(l -> l.value().isContainerNode()).count() > MAX_LISTED) {
      throw SchemaErrors.tooLarge(
          "enum",
          node.at("enum"),
          String.format("it lists more than %,d arrays and objects", MAX_LISTED));
    }
    return both(literals(node.literals), plain, node, "enum");
  }

  private List<Shape> group(Group group, SchemaNode node) {
    if (group.kind() == Combination.ALL_OF || group.kind() == Combination.REF) {
      List<Shape> shapes = everything();
      for (SchemaNode member : group.members()) {
        shapes = both(shapes, shapes(member), node, group.keyword());
      }
      return shapes;
    }
    Set<Shape> shapes = new LinkedHashSet<>();
    for (SchemaNode member : group.members()) {
      for (Shape shape : shapes(member)) {
        work.spend(cost(shape), group.keyword(), node.at(group.keyword()));
        shapes.add(shape);
      }
    }
    if (group.kind() == Combination.ONE_OF) {
      unproven.add(new Unproven(node, group));
    }
    return List.copyOf(shapes);
  }

  /** What the node itself asserts beside the branches counts for each of them. */
  private void requireExclusive(Unproven oneOf) {
    SchemaNode node = oneOf.node();
    List<List<Shape>> branches = new ArrayList<>();
    for (SchemaNode member : oneOf.group().members()) {
      branches.add(both(own(node), shapes(member), node, "oneOf"));
    }
    int[] overlap = exclusion.overlap(branches, node.at("oneOf"));
    if (overlap != null) {
      throw SchemaErrors.unsupported(
          "oneOf",
          node.at("oneOf"),
          String.format(
              "a value may fit both branch %d and branch %d; use anyOf", overlap[0], overlap[1]));
    }
  }

  /** The shapes of listed values. */
  private List<Shape> literals(Set<Literal> values) {
    List<Shape> shapes = new ArrayList<>();
    Set<BigDecimal> numbers = new LinkedHashSet<>();
    Set<String> texts = new LinkedHashSet<>();
    Set<Literal> arrays = new LinkedHashSet<>();
    Set<Literal> objects = new LinkedHashSet<>();
    for (Literal literal : values) {
      JsonNode value = literal.value();
      switch (value.getNodeType()) {
        case NULL -> shapes.add(new Shape.Null());
        case BOOLEAN -> shapes.add(new Shape.Bool(value.booleanValue()));
        case NUMBER -> numbers.add(value.decimalValue().stripTrailingZeros());
        case STRING -> texts.add(value.textValue());
        case ARRAY -> arrays.add(literal);
        default -> objects.add(literal);
      }
    }
    if (!arrays.isEmpty()) {
      shapes.add(new Shape.Listed(arrays, ANY_ARRAY));
    }
    if (!objects.isEmpty()) {
      shapes.add(new Shape.Listed(objects, ANY_OBJECT));
    }
    if (!numbers.isEmpty()) {
      shapes.add(new Shape.NumLiterals(numbers));
    }
    if (!texts.isEmpty()) {
      shapes.add(new Shape.StrLiterals(texts));
    }
    return List.copyOf(shapes);
  }

  private List<Shape> both(List<Shape> some, List<Shape> others, SchemaNode node, String keyword) {
    Set<Shape> shapes = new LinkedHashSet<>();
    for (Shape a : some) {
      for (Shape b : others) {
        work.spend(cost(a) + cost(b), keyword, node.at(keyword));
        Shape shape = both(a, b);
        if (shape != null) {
          shapes.add(shape);
        }
        if (shapes.size() > MAX_SHAPES) {
          throw SchemaErrors.tooLarge(
              keyword,
              node.at(keyword),
              String.format("its combinations give more than %,d alternatives", MAX_SHAPES));
        }
      }
    }
    return List.copyOf(shapes);
  }

  /** Steps to look at all parts of a shape. */
  private static int cost(Shape shape) {
    if (shape instanceof Shape.Arr array) {
      return 1 + array.parts().size();
    }
    if (shape instanceof Shape.Obj object) {
      return 1 + object.parts().size();
    }
    if (shape instanceof Shape.Listed listed) {
      return listed.values().size() + cost(listed.among());
    }
    if (shape instanceof Shape.NumLiterals numbers) {
      return numbers.values().size();
    }
    return shape instanceof Shape.StrLiterals texts ? texts.values().size() : 1;
  }

  /** The values that fit both shapes; null if there are none. */
  private Shape both(Shape a, Shape b) {
    if (a instanceof Shape.NumLiterals numbers) {
      return listed(numbers, b);
    }
    if (b instanceof Shape.NumLiterals numbers) {
      return listed(numbers, a);
    }
    if (a instanceof Shape.Listed listed) {
      return listed(listed, b);
    }
    if (b instanceof Shape.Listed listed) {
      return listed(listed, a);
    }
    if (a instanceof Shape.StrLiterals texts) {
      return listed(texts, b);
    }
    if (b instanceof Shape.StrLiterals texts) {
      return listed(texts, a);
    }
    if (a instanceof Shape.Num x && b instanceof Shape.Num y) {
      NumberBounds bounds = x.bounds().and(y.bounds());
      return bounds.isEmpty() ? null : new Shape.Num(bounds);
    }
    if (a instanceof Shape.Str x && b instanceof Shape.Str y) {
      return string(x, y);
    }
    if (a instanceof Shape.Arr x && b instanceof Shape.Arr y) {
      int min = Math.max(x.min(), y.min());
      int max = Math.min(x.max(), y.max());
      return min > max
          ? null
          : new Shape.Arr(joined(x.parts(), y.parts()), min, max, x.isUnique() || y.isUnique());
    }
    if (a instanceof Shape.Obj x && b instanceof Shape.Obj y) {
      int min = Math.max(x.min(), y.min());
      int max = Math.min(x.max(), y.max());
      return min > max ? null : new Shape.Obj(joined(x.parts(), y.parts()), min, max);
    }
    return a.equals(b) ? a : null;
  }

  private static List<SchemaNode> joined(List<SchemaNode> some, List<SchemaNode> others) {
    Set<SchemaNode> parts = new LinkedHashSet<>(some);
    parts.addAll(others);
    return List.copyOf(parts);
  }

  private Shape string(Shape.Str x, Shape.Str y) {
    int min = Math.max(x.min(), y.min());
    int max = Math.min(x.max(), y.max());
    Term term = terms.and(List.of(x.term(), y.term()));
    return min > max
        ? null
        : new Shape.Str(
            term,
            min,
            max,
            x.isCanonical() || y.isCanonical(),
            x.hasFormat() || y.hasFormat(),
            x.path().isEmpty() ? y.path() : x.path());
  }

  private Shape listed(Shape.Listed listed, Shape other) {
    Set<Literal> values = listed.values();
    Shape among = other;
    if (other instanceof Shape.Listed more) {
      values = Literals.both(values, more.values());
      among = more.among();
    }
    among = both(listed.among(), among);
    return among == null || values.isEmpty() ? null : new Shape.Listed(values, among);
  }

  private static Shape listed(Shape.NumLiterals numbers, Shape other) {
    Set<BigDecimal> kept = new LinkedHashSet<>(numbers.values());
    kept.removeIf(number -> !accepts(other, number));
    return kept.isEmpty() ? null : new Shape.NumLiterals(kept);
  }

  private static boolean accepts(Shape shape, BigDecimal number) {
    if (shape instanceof Shape.NumLiterals listed) {
      return listed.values().contains(number.stripTrailingZeros());
    }
    return shape instanceof Shape.Num range && range.bounds().contains(number);
  }

  private Shape listed(Shape.StrLiterals texts, Shape other) {
    Set<String> kept = new LinkedHashSet<>(texts.values());
    kept.removeIf(text -> !accepts(other, text));
    if (other instanceof Shape.Str string
        && string.hasFormat()
        && kept.size() < texts.values().size()) {
      // What is left out may have the format for those who judge the answer, so this is no list.
      return new Shape.Str(terms.anyOf(kept), 0, SchemaNode.UNBOUNDED, true, true, string.path());
    }
    return kept.isEmpty() ? null : new Shape.StrLiterals(kept);
  }

  private boolean accepts(Shape shape, String text) {
    if (shape instanceof Shape.Str string) {
      work.spend(text.length() / 8, "enum", "");
      int length = text.codePointCount(0, text.length());
      return length >= string.min() && length <= string.max() && terms.matches(string.term(), text);
    }
    return shape instanceof Shape.StrLiterals listed && listed.values().contains(text);
  }

  boolean accepts(List<Shape> shapes, JsonNode value) {
    return shapes.stream().anyMatch(shape -> accepts(shape, value));
  }

  private boolean accepts(Shape shape, JsonNode value) {
    work.spend(cost(shape), "enum", "");
    if (shape instanceof Shape.Null) {
      return value.isNull();
    }
    if (shape instanceof Shape.Bool bool) {
      return value.isBoolean() && value.booleanValue() == bool.value();
    }
    if (value.isNumber()) {
      return accepts(shape, value.decimalValue());
    }
    if (shape instanceof Shape.Listed listed) {
      return listed.values().contains(new Literal(value)) && accepts(listed.among(), value);
    }
    if (shape instanceof Shape.Arr array) {
      return value.isArray() && acceptsArray(array, value);
    }
    if (shape instanceof Shape.Obj object) {
      return value.isObject() && acceptsObject(object, value);
    }
    return value.isTextual() && accepts(shape, value.textValue());
  }

  private boolean acceptsArray(Shape.Arr array, JsonNode value) {
    if (value.size() < array.min() || value.size() > array.max()) {
      return false;
    }
    if (array.isUnique() && Literals.of(value).size() < value.size()) {
      return false;
    }
    for (int i = 0; i < value.size(); i++) {
      if (!accepts(shapes(item(array, i)), value.get(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean acceptsObject(Shape.Obj object, JsonNode value) {
    if (value.size() < object.min() || value.size() > object.max()) {
      return false;
    }
    for (SchemaNode part : object.parts()) {
      if (!part.required.stream().allMatch(value::has)) {
        return false;
      }
    }
    for (var field : value.properties()) {
      Conjunction member = member(object, field.getKey());
      if (member == null || !accepts(shapes(member), field.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** What the item at an index has to fit. */
  static Conjunction item(Shape.Arr array, int index) {
    return Conjunction.of(
        array.parts().stream()
            .map(part -> index < part.prefixItems.size() ? part.prefixItems.get(index) : part.items)
            .filter(Objects::nonNull)
            .toList());
  }

  /**
   * What the member of a name has to fit; null if the object is closed and does not declare it. An
   * object is closed without saying so where it declares members and no part says
   * additionalProperties.
   */
  Conjunction member(Shape.Obj object, String name) {
    List<SchemaNode> schemas = new ArrayList<>();
    boolean isDeclared = false;
    for (SchemaNode part : object.parts()) {
      work.spend(1 + part.patternProperties.size(), "properties", part.at("properties"));
      int before = schemas.size();
      if (part.properties.containsKey(name)) {
        schemas.add(part.properties.get(name));
      }
      part.patternProperties.forEach(
          (pattern, schema) -> {
            if (terms.matches(pattern(pattern, part.at("patternProperties")), name)) {
              schemas.add(schema);
            }
          });
      isDeclared |= schemas.size() > before || part.required.contains(name);
      if (schemas.size() == before && part.additionalProperties != null) {
        schemas.add(part.additionalProperties);
      }
    }
    return isDeclared || !isClosed(object) ? Conjunction.of(schemas) : null;
  }

  static boolean isClosed(Shape.Obj object) {
    return object.parts().stream().allMatch(part -> part.additionalProperties == null)
        && object.parts().stream()
            .anyMatch(part -> !part.properties.isEmpty() || !part.patternProperties.isEmpty());
  }

  /** Whether an object may have members that no part declares by name. */
  boolean hasOthers(Shape.Obj object) {
    if (isClosed(object)) {
      return object.parts().stream().anyMatch(part -> !part.patternProperties.isEmpty());
    }
    List<SchemaNode> others =
        object.parts().stream()
            .map(part -> part.additionalProperties)
            .filter(Objects::nonNull)
            .toList();
    return !shapes(Conjunction.of(others)).isEmpty()
        || object.parts().stream().anyMatch(part -> !part.patternProperties.isEmpty());
  }

  /** The patterns of an object's parts, each once, with their terms. */
  Map<String, Term> patterns(Shape.Obj object) {
    Map<String, Term> all = new LinkedHashMap<>();
    for (SchemaNode part : object.parts()) {
      for (String pattern : part.patternProperties.keySet()) {
        all.put(pattern, pattern(pattern, part.at("patternProperties")));
      }
    }
    return all;
  }

  /** The names that an object declares or requires, in the order of its text. */
  static List<String> names(Shape.Obj object) {
    Set<String> names = new LinkedHashSet<>();
    object.parts().forEach(part -> names.addAll(part.properties.keySet()));
    object.parts().forEach(part -> names.addAll(part.required));
    return List.copyOf(names);
  }

  static boolean isRequired(Shape.Obj object, String name) {
    return object.parts().stream().anyMatch(part -> part.required.contains(name));
  }
}
