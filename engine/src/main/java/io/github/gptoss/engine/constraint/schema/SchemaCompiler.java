package io.github.gptoss.engine.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.constraint.AnswerType;
import io.github.gptoss.engine.constraint.grammar.ArrayRule;
import io.github.gptoss.engine.constraint.grammar.Grammar;
import io.github.gptoss.engine.constraint.grammar.ObjectRule;
import io.github.gptoss.engine.constraint.grammar.Value;
import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import io.github.gptoss.engine.constraint.lexeme.NumberLexeme;
import io.github.gptoss.engine.constraint.lexeme.Spelling;
import io.github.gptoss.engine.constraint.lexeme.TextLexemes;
import io.github.gptoss.engine.constraint.text.Formats;
import io.github.gptoss.engine.constraint.text.LimitExceededException;
import io.github.gptoss.engine.constraint.text.PatternException;
import io.github.gptoss.engine.constraint.text.Patterns;
import io.github.gptoss.engine.constraint.text.Term;
import io.github.gptoss.engine.constraint.text.Terms;
import io.github.gptoss.engine.error.ConstraintException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compiles a JSON Schema to the automaton of the texts that are generated for it. */
public final class SchemaCompiler {
  private static final int MAX_VALUES = 20_000;
  private static final int MAX_PATTERNS = 8;
  private static final int MAX_PATTERN_STATES = 20_000;
  private static final int MAX_DISTINCT = 64;
  private static final int MAX_COUNTED_MIN = 32;
  private static final int MAX_COUNTED_MAX = 1_000;

  /** Digits are limited, since a larger number is infinite as a double. */
  private static final String INTEGER = "0|-?[1-9][0-9]{0,199}";

  private static final String NUMBER =
      "-?(?:0|[1-9][0-9]{0,199})(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?";

  private final Terms terms = new Terms();
  private final TextLexemes lexemes = new TextLexemes(terms);
  private final Normalizer normalizer = new Normalizer(terms);
  private final Map<Conjunction, Value> values = new LinkedHashMap<>();
  private final Deque<Runnable> unbuilt = new ArrayDeque<>();

  /** What can be said of the values only when it is known which of them are possible. */
  private final List<Runnable> unchecked = new ArrayList<>();

  private final Lexeme integer;
  private final Lexeme number;

  private SchemaCompiler() {
    integer = raw(whole(INTEGER));
    number = raw(whole(NUMBER));
  }

  /**
   * A schema's automaton.
   *
   * @param isOfObjects whether only objects fit
   * @param ignored keywords and formats that say nothing that is enforced
   */
  public record Result(Grammar grammar, boolean isOfObjects, Set<String> ignored) {}

  /**
   * Compiles a schema.
   *
   * @throws ConstraintException if the schema is invalid, cannot be guaranteed, or no value fits
   */
  public static Result compile(JsonNode schema, boolean allowsSpaces) {
    SchemaReader.Result read = SchemaReader.read(schema);
    try {
      SchemaCompiler compiler = new SchemaCompiler();
      Grammar grammar = compiler.grammar(read.root(), allowsSpaces);
      return new Result(grammar, compiler.normalizer.isOfObjects(read.root()), read.ignored());
    } catch (LimitExceededException e) {
      throw SchemaErrors.tooLarge("schema", "", e.getMessage());
    }
  }

  /**
   * The type that the values of a schema have in common.
   *
   * @throws ConstraintException if the schema is invalid or cannot be guaranteed
   */
  public static AnswerType type(JsonNode schema) {
    SchemaNode root = SchemaReader.read(schema).root();
    try {
      Normalizer normalizer = new Normalizer(new Terms());
      AnswerType type = new TypeReader(normalizer).type(Conjunction.of(List.of(root)));
      normalizer.requireExclusiveBranches();
      return type;
    } catch (LimitExceededException e) {
      throw SchemaErrors.tooLarge("schema", "", e.getMessage());
    }
  }

  private Grammar grammar(SchemaNode root, boolean allowsSpaces) {
    Value value = value(Conjunction.of(List.of(root)));
    while (!unbuilt.isEmpty()) {
      unbuilt.remove().run();
      normalizer.requireExclusiveBranches();
    }
    List<Value> all = List.copyOf(values.values());
    Value.settle(all);
    unchecked.forEach(Runnable::run);
    if (!value.isPossible()) {
      throw SchemaErrors.unsatisfiable(
          "", "", "its conditions contradict each other, or recursion never ends");
    }
    terms.seal();
    return Grammar.ofValue(value, all, allowsSpaces);
  }

  private Term whole(String pattern) {
    try {
      return Patterns.whole(terms, pattern);
    } catch (PatternException e) {
      throw new IllegalStateException(pattern, e);
    }
  }

  private Lexeme raw(Term term) {
    return lexemes.start(Spelling.RAW, term, 0, TextLexemes.UNBOUNDED);
  }

  private Value value(Conjunction conjunction) {
    Value known = values.get(conjunction);
    if (known == null) {
      if (values.size() == MAX_VALUES) {
        throw new LimitExceededException(
            String.format("it has more than %,d kinds of values", MAX_VALUES));
      }
      Value fresh = new Value();
      values.put(conjunction, fresh);
      unbuilt.add(() -> build(fresh, normalizer.shapes(conjunction)));
      known = fresh;
    }
    return known;
  }

  private void build(Value value, List<Shape> shapes) {
    for (Shape shape : shapes) {
      if (shape instanceof Shape.Arr array) {
        ArrayRule rule = array(array);
        if (rule != null) {
          value.addArray(rule);
        }
      } else if (shape instanceof Shape.Obj object) {
        value.addObject(object(object));
      } else if (shape instanceof Shape.Listed listed) {
        normalizer.fitting(listed).forEach(literal -> addLiteral(value, literal));
      } else {
        addScalar(value, shape);
      }
    }
  }

  private void addScalar(Value value, Shape shape) {
    Lexeme start = scalar(shape);
    if (start != null) {
      value.addScalar(start);
    }
  }

  private Lexeme scalar(Shape shape) {
    if (shape instanceof Shape.Null) {
      return raw(terms.text("null"));
    }
    if (shape instanceof Shape.Bool bool) {
      return raw(terms.text(Boolean.toString(bool.value())));
    }
    if (shape instanceof Shape.NumLiterals numbers) {
      return raw(terms.anyOf(numbers.values().stream().map(n -> n.toPlainString()).toList()));
    }
    if (shape instanceof Shape.Num range) {
      return range.bounds().isFree()
          ? range.bounds().isInteger() ? integer : number
          : NumberLexeme.start(range.bounds());
    }
    if (shape instanceof Shape.StrLiterals texts) {
      return canonical(terms.anyOf(texts.values()));
    }
    Shape.Str string = (Shape.Str) shape;
    try {
      return string(string);
    } catch (LimitExceededException e) {
      throw SchemaErrors.tooLarge("pattern", string.path(), e.getMessage());
    }
  }

  private Lexeme string(Shape.Str string) {
    Spelling spelling = string.isCanonical() ? Spelling.CANONICAL : Spelling.FREE;
    Term term = string.term();
    int min = string.min();
    int max = string.max();
    if (terms.isPlain(term)) {
      return lexemes.start(spelling, term, min, max, terms.shortest(term));
    }
    Term bounded = terms.and(List.of(term, terms.ofLength(min, max)));
    if (bounded == term) {
      return lexemes.start(spelling, term, 0, TextLexemes.UNBOUNDED);
    }
    if (string.hasFormat() && Formats.isCounted(terms, term)) {
      return counted(spelling, bounded, min, max);
    }
    // Whether a length can still be reached depends on all states.
    try {
      int toComplete = terms.exploreAll(term, MAX_PATTERN_STATES);
      return lexemes.start(spelling, term, min, max, toComplete);
    } catch (LimitExceededException e) {
      throw new LimitExceededException(
          "a pattern or format together with a length, since " + e.getMessage());
    }
  }

  /**
   * A format that counts its characters, so that it has too many states to visit them all. Each of
   * them can be completed by a few characters, so a length between narrow limits adds no long
   * search.
   */
  private Lexeme counted(Spelling spelling, Term bounded, int min, int max) {
    if (min > MAX_COUNTED_MIN || max < TextLexemes.UNBOUNDED && max > MAX_COUNTED_MAX) {
      throw new LimitExceededException(
          String.format(
              "a format that counts characters, together with a minLength above %,d or a maxLength"
                  + " above %,d",
              MAX_COUNTED_MIN, MAX_COUNTED_MAX));
    }
    return lexemes.start(spelling, bounded, 0, TextLexemes.UNBOUNDED);
  }

  private Lexeme canonical(Term term) {
    return lexemes.start(Spelling.CANONICAL, term, 0, TextLexemes.UNBOUNDED);
  }

  private void addLiteral(Value value, JsonNode literal) {
    if (literal.isArray()) {
      List<Value> items = new ArrayList<>();
      literal.forEach(item -> items.add(value(Conjunction.literal(item))));
      value.addArray(new ArrayRule(items, null, items.size(), items.size(), null));
      return;
    }
    List<ObjectRule.Member> members = new ArrayList<>();
    literal
        .fields()
        .forEachRemaining(
            field ->
                members.add(member(field.getKey(), Conjunction.literal(field.getValue()), true)));
    value.addObject(new ObjectRule(members, List.of(), 0, ObjectRule.UNBOUNDED));
  }

  /** A name with a lone surrogate has no UTF-8 form, so no text has such a member. */
  private ObjectRule.Member member(String name, Conjunction value, boolean isRequired) {
    Lexeme start = canonical(terms.text(name));
    return start == null
        ? new ObjectRule.Member(Lexeme.CLOSED, new Value(), isRequired)
        : new ObjectRule.Member(start, value(value), isRequired);
  }

  /** Null if no array of the shape exists. */
  private ArrayRule array(Shape.Arr array) {
    int kinds = array.parts().stream().mapToInt(part -> part.prefixItems.size()).max().orElse(0);
    if (array.isUnique() && array.max() > 1) {
      List<Lexeme> distinct = distinct(array, kinds);
      return distinct.size() < array.min()
          ? null
          : new ArrayRule(List.of(), null, array.min(), array.max(), distinct);
    }
    List<Value> first = new ArrayList<>();
    for (int i = 0; i < Math.min(kinds, array.max()); i++) {
      first.add(value(Normalizer.item(array, i)));
    }
    return new ArrayRule(
        first, value(Normalizer.item(array, kinds)), array.min(), array.max(), null);
  }

  private List<Lexeme> distinct(Shape.Arr array, int kinds) {
    String path = array.parts().isEmpty() ? "" : array.parts().get(0).path;
    Conjunction items = Normalizer.item(array, kinds);
    List<Shape> shapes = normalizer.shapes(items);
    // Values that several branches list count once; equal ones have the same start.
    Set<Lexeme> distinct = new LinkedHashSet<>();
    boolean isListed = kinds == 0 && items.schemas().stream().anyMatch(SchemaCompiler::isListed);
    for (Shape shape : isListed ? shapes : List.<Shape>of()) {
      if (shape instanceof Shape.StrLiterals texts) {
        texts.values().forEach(text -> distinct.add(canonical(terms.text(text))));
      } else if (shape instanceof Shape.NumLiterals numbers) {
        numbers.values().forEach(n -> distinct.add(raw(terms.text(n.toPlainString()))));
      } else if (shape instanceof Shape.Null || shape instanceof Shape.Bool) {
        distinct.add(scalar(shape));
      } else {
        isListed = false;
      }
    }
    if (!isListed || distinct.size() > MAX_DISTINCT) {
      throw SchemaErrors.unsupported(
          "uniqueItems",
          path + "/uniqueItems",
          "items have to be an enum of at most " + MAX_DISTINCT + " scalar values");
    }
    return List.copyOf(distinct);
  }

  private static boolean isListed(SchemaNode node) {
    return node.literals != null
        || node.groupsBefore.stream()
            .flatMap(group -> group.members().stream())
            .anyMatch(SchemaCompiler::isListed)
        || node.groupsBehind.stream()
            .flatMap(group -> group.members().stream())
            .anyMatch(SchemaCompiler::isListed);
  }

  private ObjectRule object(Shape.Obj object) {
    List<String> names = Normalizer.names(object);
    List<ObjectRule.Member> members = new ArrayList<>();
    for (String name : names) {
      members.add(
          member(name, normalizer.member(object, name), Normalizer.isRequired(object, name)));
    }
    List<ObjectRule.Others> others = others(object, names);
    ObjectRule rule = new ObjectRule(members, others, object.min(), object.max());
    if (object.min() > 1) {
      unchecked.add(() -> requireDistinctNames(object, rule));
    }
    return rule;
  }

  private static void requireDistinctNames(Shape.Obj object, ObjectRule rule) {
    if (rule.needsRepeatedNames()) {
      throw SchemaErrors.unsupported(
          "minProperties",
          (object.parts().isEmpty() ? "" : object.parts().get(0).path) + "/minProperties",
          "names that are not declared may repeat, so they count once");
    }
  }

  /** One rule for each set of patterns that a name may match, and for names that match none. */
  private List<ObjectRule.Others> others(Shape.Obj object, List<String> names) {
    List<Term> patterns = List.copyOf(normalizer.patterns(object).values());
    if (patterns.size() > MAX_PATTERNS) {
      throw new LimitExceededException(
          "an object has more than " + MAX_PATTERNS + " patternProperties");
    }
    List<ObjectRule.Others> others = new ArrayList<>();
    for (int matched = 0; matched < 1 << patterns.size(); matched++) {
      if (matched == 0 && Normalizer.isClosed(object)) {
        continue;
      }
      List<Term> conditions = new ArrayList<>();
      conditions.add(terms.not(terms.anyOf(names)));
      for (int i = 0; i < patterns.size(); i++) {
        boolean isMatched = (matched >>> i & 1) == 1;
        conditions.add(isMatched ? patterns.get(i) : terms.not(patterns.get(i)));
      }
      Lexeme name =
          lexemes.start(
              matched == 0 ? Spelling.FREE : Spelling.CANONICAL,
              terms.and(conditions),
              0,
              TextLexemes.UNBOUNDED);
      Conjunction values = others(object, patterns, matched);
      if (name != null && !normalizer.shapes(values).isEmpty()) {
        others.add(new ObjectRule.Others(name, value(values)));
      }
    }
    return others;
  }

  private Conjunction others(Shape.Obj object, List<Term> patterns, int matched) {
    List<SchemaNode> schemas = new ArrayList<>();
    for (SchemaNode part : object.parts()) {
      int before = schemas.size();
      part.patternProperties.forEach(
          (pattern, schema) -> {
            Term term = normalizer.pattern(pattern, part.at("patternProperties"));
            if ((matched >>> patterns.indexOf(term) & 1) == 1) {
              schemas.add(schema);
            }
          });
      if (schemas.size() == before && part.additionalProperties != null) {
        schemas.add(part.additionalProperties);
      }
    }
    return Conjunction.of(schemas);
  }
}
