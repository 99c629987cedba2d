package io.github.gptoss.engine.constraint.schema;

import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.gptoss.engine.constraint.text.LimitExceededException;
import io.github.gptoss.engine.constraint.text.Terms;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Proves that no value fits two schemas. What it cannot prove may still be so. */
final class Exclusion {
  private static final int MAX_DEPTH = 8;

  /** What a pair of shapes costs in comparison with the other steps that are counted. */
  private static final int STEPS = 20;

  private final Normalizer normalizer;
  private final Terms terms;
  private final Work work;

  /** The keyword for which the proof is made. */
  private String path = "";

  Exclusion(Normalizer normalizer, Terms terms, Work work) {
    this.normalizer = normalizer;
    this.terms = terms;
    this.work = work;
  }

  /**
   * Finds two branches that a value may fit.
   *
   * @param path of the {@code oneOf} that needs the proof
   * @return their numbers; null if all branches exclude each other
   */
  int[] overlap(List<List<Shape>> branches, String path) {
    this.path = path;
    if (haveTag(branches)) {
      return null;
    }
    for (int i = 0; i < branches.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (!exclude(branches.get(i), branches.get(j), 0)) {
          return new int[] {j, i};
        }
      }
    }
    return null;
  }

  /** Whether one required member has a value in each branch that none of the others lists. */
  private boolean haveTag(List<List<Shape>> branches) {
    List<Shape.Obj> objects = new ArrayList<>();
    for (List<Shape> branch : branches) {
      if (branch.size() != 1 || !(branch.get(0) instanceof Shape.Obj object)) {
        return false;
      }
      objects.add(object);
    }
    return Normalizer.names(objects.get(0)).stream().anyMatch(name -> isTag(name, objects));
  }

  private boolean isTag(String name, List<Shape.Obj> objects) {
    Set<Object> seen = new HashSet<>();
    for (Shape.Obj object : objects) {
      if (!Normalizer.isRequired(object, name)) {
        return false;
      }
      for (Shape shape : values(object, name)) {
        Set<?> listed =
            shape instanceof Shape.StrLiterals texts
                ? texts.values()
                : shape instanceof Shape.NumLiterals numbers ? numbers.values() : Set.of(shape);
        boolean isListed = !(shape instanceof Shape.Num || shape instanceof Shape.Str);
        work.spend(1 + listed.size(), "oneOf", path);
        if (!isListed || type(shape).isNested() || !listed.stream().allMatch(seen::add)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean exclude(List<Shape> some, List<Shape> others, int depth) {
    for (Shape a : some) {
      for (Shape b : others) {
        if (!exclude(a, b, depth)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean exclude(Shape a, Shape b, int depth) {
    work.spend(STEPS, "oneOf", path);
    if (type(a) != type(b)) {
      return true;
    }
    if (a instanceof Shape.Listed x && b instanceof Shape.Listed y) {
      return areDisjoint(x.values(), y.values());
    }
    if (a instanceof Shape.Listed || b instanceof Shape.Listed) {
      // Objects are closed by default here, but not for those who judge the answer.
      return false;
    }
    if (a instanceof Shape.Bool x && b instanceof Shape.Bool y) {
      return x.value() != y.value();
    }
    if (a instanceof Shape.StrLiterals x && b instanceof Shape.StrLiterals y) {
      return areDisjoint(x.values(), y.values());
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

  static SchemaNode.Type type(Shape shape) {
    if (shape instanceof Shape.Listed listed) {
      return type(listed.among());
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

  private boolean areDisjoint(Set<?> some, Set<?> others) {
    work.spend(Math.min(some.size(), others.size()), "oneOf", path);
    return Collections.disjoint(some, others);
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
    work.spend(names.size(), "oneOf", path);
    for (String name : names) {
      boolean inX = Normalizer.isRequired(x, name);
      boolean inY = Normalizer.isRequired(y, name);
      if (!inX && !inY) {
        continue;
      }
      List<Shape> ofX = values(x, name);
      List<Shape> ofY = values(y, name);
      if (inX && ofY.isEmpty()
          || inY && ofX.isEmpty()
          || inX && inY && exclude(ofX, ofY, depth + 1)) {
        return true;
      }
    }
    return false;
  }

  /** A member that is closed out only by default may be anything: validators let it pass. */
  private List<Shape> values(Shape.Obj object, String name) {
    Conjunction member = normalizer.member(object, name);
    return normalizer.shapes(member == null ? Conjunction.ANYTHING : member);
  }
}
