package io.github.gptoss.engine.constraint.text;

import io.github.gptoss.engine.constraint.text.Term.Derivatives;
import io.github.gptoss.engine.constraint.text.Term.Kind;
import io.github.gptoss.engine.constraint.text.Term.Lengths;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Makes terms and takes their derivatives: what may follow a code point. Source: Brzozowski,
 * Derivatives of Regular Expressions, 1964; Owens, Reppy and Turon, Regular-expression derivatives
 * re-examined, 2009 (classes of code points). Counts are kept as numbers, so a repetition of a
 * million costs no more than one of two. Not thread-safe.
 */
public final class Terms {
  private static final int MAX_TERMS = 80_000;
  private static final int MAX_EXPLORED = 60_000;

  /** Table entries that a compilation may look at: about a second. */
  private static final long MAX_WORK = 3_000_000;

  private static final int MAX_VISITED = 2_000_000;
  static final int MAX_OPERANDS = 4_000;
  private static final int MAX_TEXT = 4_096;

  private record Key(Kind kind, CodePoints set, List<Term> parts, int min, int max) {}

  private final Map<Key, Term> interned = new HashMap<>();
  private int nextId;
  private boolean isSealed;
  private long work;

  final Term none = new Term(Kind.NONE, nextId++, null, List.of(), 0, 0, false, lengths(0, 0));
  final Term emptyString =
      new Term(Kind.EMPTY_STRING, nextId++, null, List.of(), 0, 0, true, lengths(0, 0));
  final Term any;

  public Terms() {
    any = repeat(set(CodePoints.ALL), 0, Term.UNBOUNDED);
  }

  private void requireLittleWork() {
    if (!isSealed && (work > MAX_WORK || interned.size() >= MAX_TERMS)) {
      throw new LimitExceededException(
          String.format("its automaton needs more than %,d states", interned.size()));
    }
  }

  private static Lengths lengths(long min, long max) {
    return new Lengths(min, max, true);
  }

  /**
   * Ends the compilation: from now on terms beyond the limit are made again rather than refused,
   * since long texts may reach many of them.
   */
  public void seal() {
    isSealed = true;
  }

  /** Every string. */
  public Term any() {
    return any;
  }

  private Term intern(
      Kind kind,
      CodePoints set,
      List<Term> parts,
      int min,
      int max,
      boolean nullable,
      Lengths lengths) {
    Key key = new Key(kind, set, parts, min, max);
    Term known = interned.get(key);
    if (known == null) {
      requireLittleWork();
      if (interned.size() >= MAX_TERMS) {
        interned.clear();
        interned.put(new Key(Kind.REPEAT, null, any.parts, any.min, any.max), any);
      }
      known = new Term(kind, nextId++, set, parts, min, max, nullable, lengths);
      interned.put(key, known);
    }
    return known;
  }

  public Term set(CodePoints set) {
    return set.isEmpty() ? none : intern(Kind.SET, set, List.of(), 0, 0, false, lengths(1, 1));
  }

  public Term text(String text) {
    Term term = emptyString;
    int[] codePoints = text.codePoints().toArray();
    for (int i = codePoints.length - 1; i >= 0; i--) {
      term = concat(set(CodePoints.range(codePoints[i], codePoints[i])), term);
    }
    return term;
  }

  /** Any of these texts, as a tree of their common beginnings. */
  public Term anyOf(Collection<String> texts) {
    List<int[]> sorted =
        new HashSet<>(texts)
            .stream().map(text -> text.codePoints().toArray()).sorted(Arrays::compare).toList();
    return tree(sorted, 0);
  }

  /** The rests of the texts, sorted, behind so many characters that all have in common. */
  private Term tree(List<int[]> texts, int depth) {
    if (texts.isEmpty()) {
      return none;
    }
    int[] first = texts.get(0);
    int same = sameCharacters(first, texts.get(texts.size() - 1));
    if (same > MAX_TEXT) {
      throw new LimitExceededException(
          String.format("a listed text has more than %,d characters", MAX_TEXT));
    }
    List<Term> branches = new ArrayList<>();
    int from = 0;
    if (first.length == same) {
      branches.add(emptyString);
      from = 1;
    }
    while (from < texts.size()) {
      int codePoint = texts.get(from)[same];
      int to = from + 1;
      while (to < texts.size() && texts.get(to)[same] == codePoint) {
        to++;
      }
      branches.add(
          concat(
              set(CodePoints.range(codePoint, codePoint)),
              tree(texts.subList(from, to), same + 1)));
      from = to;
    }
    Term term = union(branches);
    // In a loop, since a text may be longer than the stack is deep.
    for (int i = same - 1; i >= depth; i--) {
      term = concat(set(CodePoints.range(first[i], first[i])), term);
    }
    return term;
  }

  private static int sameCharacters(int[] a, int[] b) {
    int differs = Arrays.mismatch(a, b);
    return differs < 0 ? a.length : differs;
  }

  public Term concat(Term first, Term second) {
    if (first == none || second == none) {
      return none;
    }
    if (first == emptyString) {
      return second;
    }
    if (second == emptyString) {
      return first;
    }
    if (first.kind == Kind.CONCAT) {
      // In a loop, since a chain is as long as the pattern.
      List<Term> chain = new ArrayList<>();
      Term rest = first;
      for (; rest.kind == Kind.CONCAT; rest = rest.parts.get(1)) {
        chain.add(rest.parts.get(0));
      }
      Term all = concat(rest, second);
      for (int i = chain.size() - 1; i >= 0; i--) {
        all = concat(chain.get(i), all);
      }
      return all;
    }
    boolean hasTail = second.kind == Kind.CONCAT;
    Term next = hasTail ? second.parts.get(0) : second;
    if (first.kind == Kind.REPEAT
        && next.kind == Kind.REPEAT
        && first.parts.get(0) == next.parts.get(0)) {
      Term both = repeat(first.parts.get(0), sum(first.min, next.min), sum(first.max, next.max));
      return hasTail ? concat(both, second.parts.get(1)) : both;
    }
    Lengths lengths =
        first.isPositive && second.isPositive
            ? new Lengths(
                Lengths.plus(first.minLength, second.minLength),
                Lengths.plus(first.maxLength, second.maxLength),
                first.isSolid && second.isSolid)
            : null;
    return intern(
        Kind.CONCAT,
        null,
        List.of(first, second),
        0,
        0,
        first.isNullable && second.isNullable,
        lengths);
  }

  private static int sum(int a, int b) {
    return (int) Math.min(Term.UNBOUNDED, (long) a + b);
  }

  /** Between {@code min} and {@code max} strings of the term, one after another. */
  public Term repeat(Term term, int min, int max) {
    if (max == 0 || term == emptyString) {
      return emptyString;
    }
    if (term == none) {
      return min == 0 ? emptyString : none;
    }
    if (min == 1 && max == 1) {
      return term;
    }
    int least = term.isNullable ? 0 : min;
    if (term.kind == Kind.REPEAT && term.min <= 1 && term.max == Term.UNBOUNDED) {
      return repeat(term.parts.get(0), least == 0 ? 0 : term.min * least, Term.UNBOUNDED);
    }
    Lengths lengths = term.isPositive ? repeated(term, least, max) : null;
    return intern(Kind.REPEAT, null, List.of(term), least, max, least == 0, lengths);
  }

  private static Lengths repeated(Term term, int min, int max) {
    long a = term.minLength;
    long b = term.maxLength;
    boolean isGapless = term.isSolid && (a == b ? a <= 1 || min == max : gapless(a, b, min));
    return new Lengths(Lengths.times(a, min), Lengths.times(b, max), isGapless);
  }

  /** Whether strings of k and of k + 1 repetitions leave no length between them, k >= min. */
  private static boolean gapless(long a, long b, int min) {
    return min == 0 ? a <= 1 : b == Lengths.UNBOUNDED || min * (b - a) >= a - 1;
  }

  public Term union(Collection<Term> terms) {
    work += terms.size();
    Set<Term> flat = new LinkedHashSet<>();
    CodePoints set = CodePoints.NONE;
    for (Term term : terms) {
      for (Term part : term.kind == Kind.UNION ? term.parts : List.of(term)) {
        if (part == any) {
          return any;
        }
        if (part.kind == Kind.SET) {
          set = set.or(part.set);
        } else if (part != none) {
          flat.add(part);
        }
      }
    }
    if (!set.isEmpty()) {
      flat.add(set(set));
    }
    List<Term> parts = sorted(withoutOverlaps(flat));
    if (parts.isEmpty()) {
      return none;
    }
    if (parts.size() == 1) {
      return parts.get(0);
    }
    requireFew(parts);
    boolean nullable = parts.stream().anyMatch(part -> part.isNullable);
    return intern(Kind.UNION, null, parts, 0, 0, nullable, united(parts));
  }

  private static void requireFew(List<Term> parts) {
    if (parts.size() > MAX_OPERANDS) {
      throw new LimitExceededException(
          String.format("a state of its automaton has more than %,d parts", MAX_OPERANDS));
    }
  }

  private static List<Term> sorted(Collection<Term> terms) {
    return terms.stream().sorted(Comparator.comparingInt(term -> term.id)).toList();
  }

  private static Lengths united(List<Term> parts) {
    if (!parts.stream().allMatch(part -> part.isPositive)) {
      return null;
    }
    List<Term> byLength =
        parts.stream().sorted(Comparator.comparingLong((Term part) -> part.minLength)).toList();
    long max = byLength.get(0).maxLength;
    boolean isSolid = byLength.get(0).isSolid;
    for (Term part : byLength) {
      isSolid &= part.isSolid && (max == Lengths.UNBOUNDED || part.minLength <= max + 1);
      max = Math.max(max, part.maxLength);
    }
    return new Lengths(byLength.get(0).minLength, max, isSolid);
  }

  /**
   * Puts repetitions of one term before one rest together where their counts overlap or touch, so
   * that a search for a repetition does not collect one part for each code point that it has read.
   */
  private Collection<Term> withoutOverlaps(Set<Term> terms) {
    record Frame(Term repeated, Term rest) {}
    Map<Frame, List<Term>> groups = new LinkedHashMap<>();
    List<Term> others = new ArrayList<>();
    for (Term term : terms) {
      Term head = term.kind == Kind.CONCAT ? term.parts.get(0) : term;
      if (head.kind == Kind.REPEAT) {
        Term rest = term.kind == Kind.CONCAT ? term.parts.get(1) : emptyString;
        groups
            .computeIfAbsent(new Frame(head.parts.get(0), rest), f -> new ArrayList<>())
            .add(head);
      } else {
        others.add(term);
      }
    }
    groups.forEach(
        (frame, heads) -> {
          heads.sort(Comparator.comparingInt(head -> head.min));
          int min = heads.get(0).min;
          int max = heads.get(0).max;
          for (Term head : heads) {
            if (max != Term.UNBOUNDED && head.min > max + 1) {
              others.add(concat(repeat(frame.repeated, min, max), frame.rest));
              min = head.min;
              max = head.max;
            } else {
              max = Math.max(max, head.max);
            }
          }
          others.add(concat(repeat(frame.repeated, min, max), frame.rest));
        });
    return others;
  }

  public Term and(Collection<Term> terms) {
    Set<Term> flat = new LinkedHashSet<>();
    for (Term term : terms) {
      flat.addAll(term.kind == Kind.AND ? term.parts : List.of(term));
    }
    flat.remove(any);
    if (flat.contains(none)
        || flat.stream().anyMatch(t -> t.kind == Kind.NOT && flat.contains(t.parts.get(0)))) {
      return none;
    }
    if (flat.size() > 1 && contradictsAlphabet(flat)) {
      return none;
    }
    List<Term> parts = sorted(withoutImpliedLengths(flat));
    if (parts.isEmpty()) {
      return any;
    }
    if (parts.size() == 1 || parts.contains(none)) {
      return parts.contains(none) ? none : parts.get(0);
    }
    requireFew(parts);
    boolean nullable = parts.stream().allMatch(part -> part.isNullable);
    return intern(Kind.AND, null, parts, 0, 0, nullable, null);
  }

  /** The strings of some lengths, whatever their code points are. */
  public Term ofLength(int min, int max) {
    return repeat(set(CodePoints.ALL), min, max);
  }

  /** Puts conditions on the length together, and takes out what other parts imply. */
  private Collection<Term> withoutImpliedLengths(Set<Term> parts) {
    int min = 0;
    int max = Term.UNBOUNDED;
    List<Term> others = new ArrayList<>();
    for (Term part : parts) {
      if (part.kind == Kind.REPEAT && CodePoints.ALL.equals(part.parts.get(0).set)) {
        min = Math.max(min, part.min);
        max = Math.min(max, part.max);
      } else {
        others.add(part);
      }
    }
    if (others.size() == parts.size()) {
      return parts;
    }
    if (min > max) {
      return List.of(none);
    }
    for (Term other : others) {
      min = other.isPositive && other.minLength >= min ? 0 : min;
      max = other.isPositive && other.maxLength <= max ? Term.UNBOUNDED : max;
    }
    if (min > 0 || max < Term.UNBOUNDED) {
      others.add(ofLength(min, max));
    }
    return others;
  }

  /**
   * Whether a part forbids all strings over code points that another part is limited to. A part
   * that allows all of them says nothing, and is taken out.
   */
  private static boolean contradictsAlphabet(Set<Term> parts) {
    for (Term part : List.copyOf(parts)) {
      Term forbidden = part.kind == Kind.NOT ? part.parts.get(0) : null;
      if (forbidden != null) {
        List<Term> ways = forbidden.kind == Kind.UNION ? forbidden.parts : List.of(forbidden);
        if (ways.stream().anyMatch(way -> way.isStar() && isImplied(way, part, parts))) {
          return true;
        }
      } else if (part.isStar() && isImplied(part, part, parts)) {
        parts.remove(part);
      }
    }
    return false;
  }

  private static boolean isImplied(Term star, Term by, Set<Term> parts) {
    CodePoints set = star.parts.get(0).set;
    return parts.stream().anyMatch(p -> p != by && p.isPositive && set.holds(p.alphabet));
  }

  public Term not(Term term) {
    if (term.kind == Kind.NOT) {
      return term.parts.get(0);
    }
    if (term == none) {
      return any;
    }
    if (term == any) {
      return none;
    }
    return intern(Kind.NOT, null, List.of(term), 0, 0, !term.isNullable, null);
  }

  /** What may follow a code point. */
  public Term after(Term term, int codePoint) {
    Derivatives table = derivatives(term);
    return table.targets()[table.indexOf(codePoint)];
  }

  /** Whether a text matches. */
  public boolean matches(Term term, String text) {
    Term rest = term;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      rest = after(rest, text.codePointAt(i));
    }
    return rest.isNullable;
  }

  /** Whether what may follow one of these code points passes a test. */
  public boolean anyAfter(Term term, int first, int last, Predicate<Term> test) {
    Derivatives table = derivatives(term);
    for (int i = table.indexOf(first); first <= last && i < table.starts().length; i++) {
      if (table.starts()[i] > last) {
        return false;
      }
      if (table.targets()[i] != none && test.test(table.targets()[i])) {
        return true;
      }
    }
    return false;
  }

  /** What may follow each of these code points alike; null where it depends on the code point. */
  public Term onlyAfter(Term term, int first, int last) {
    Derivatives table = derivatives(term);
    int range = table.indexOf(first);
    return table.last(range) >= last ? table.targets()[range] : null;
  }

  /**
   * Whether any string, whatever it is, can be completed to one that matches, as far as the term's
   * form shows it.
   */
  public boolean isOpen(Term term) {
    return switch (term.kind) {
      case NOT -> term.parts.get(0).isPositive && term.parts.get(0).maxLength != Lengths.UNBOUNDED;
      case AND -> term.parts.stream().allMatch(part -> part.kind == Kind.NOT && isOpen(part));
      case UNION -> term.parts.stream().anyMatch(this::isOpen);
      case CONCAT -> term.parts.get(0) == any && isAlive(term.parts.get(1));
      default -> term == any;
    };
  }

  /** How many code points may follow, as far as nothing can be said of what follows them. */
  public int width(Term term) {
    Derivatives table = derivatives(term);
    int width = 0;
    for (int i = 0; i < table.starts().length; i++) {
      width += table.targets()[i] == none ? 0 : table.last(i) - table.starts()[i] + 1;
    }
    return width;
  }

  Derivatives derivatives(Term term) {
    if (term.derivatives == null) {
      term.derivatives =
          switch (term.kind) {
            case NONE, EMPTY_STRING -> new Derivatives(new int[] {0}, new Term[] {none});
            case SET -> ofSet(term.set);
            case NOT -> ofNot(term.parts.get(0));
            case UNION -> zip(term.parts, this::union);
            case AND -> zip(term.parts, this::and);
            case CONCAT -> ofConcat(term.parts.get(0), term.parts.get(1));
            case REPEAT -> {
              Term rest =
                  repeat(
                      term.parts.get(0),
                      Math.max(0, term.min - 1),
                      term.max == Term.UNBOUNDED ? Term.UNBOUNDED : term.max - 1);
              yield map(derivatives(term.parts.get(0)), first -> concat(first, rest));
            }
          };
    }
    return term.derivatives;
  }

  private Derivatives ofSet(CodePoints set) {
    int[] starts = new int[2 * set.ranges() + 1];
    Term[] targets = new Term[starts.length];
    int size = 0;
    int next = 0;
    for (int i = 0; i < set.ranges(); i++) {
      if (set.first(i) > next) {
        starts[size] = next;
        targets[size++] = none;
      }
      starts[size] = set.first(i);
      targets[size++] = emptyString;
      next = set.last(i) + 1;
    }
    if (next <= CodePoints.LAST) {
      starts[size] = next;
      targets[size++] = none;
    }
    return new Derivatives(Arrays.copyOf(starts, size), Arrays.copyOf(targets, size));
  }

  private Derivatives ofConcat(Term first, Term second) {
    Derivatives left = map(derivatives(first), target -> concat(target, second));
    return first.isNullable ? zipTables(List.of(left, derivatives(second)), this::union) : left;
  }

  /** A complement holds strings of code points only, so nothing follows a surrogate. */
  private Derivatives ofNot(Term term) {
    Derivatives complement = map(derivatives(term), this::not);
    List<Integer> starts = new ArrayList<>();
    List<Term> targets = new ArrayList<>();
    for (int i = 0; i < complement.starts().length; i++) {
      int first = complement.starts()[i];
      int last = complement.last(i);
      Term target = complement.targets()[i];
      if (first < Character.MIN_SURROGATE) {
        starts.add(first);
        targets.add(target);
      }
      if (first <= Character.MIN_SURROGATE && last >= Character.MIN_SURROGATE) {
        starts.add((int) Character.MIN_SURROGATE);
        targets.add(none);
      }
      if (last > Character.MAX_SURROGATE) {
        starts.add(Math.max(first, Character.MAX_SURROGATE + 1));
        targets.add(target);
      }
    }
    return new Derivatives(
        starts.stream().mapToInt(Integer::intValue).toArray(), targets.toArray(new Term[0]));
  }

  private Derivatives map(Derivatives table, UnaryOperator<Term> change) {
    Map<Term, Term> done = new HashMap<>();
    int[] starts = new int[table.starts().length];
    Term[] targets = new Term[starts.length];
    int size = 0;
    for (int i = 0; i < starts.length; i++) {
      Term from = table.targets()[i];
      Term target = done.get(from);
      if (target == null) {
        target = change.apply(from);
        done.put(from, target);
      }
      if (size == 0 || targets[size - 1] != target) {
        starts[size] = table.starts()[i];
        targets[size++] = target;
      }
    }
    return new Derivatives(Arrays.copyOf(starts, size), Arrays.copyOf(targets, size));
  }

  private Derivatives zip(List<Term> terms, Function<Collection<Term>, Term> join) {
    return zipTables(terms.stream().map(this::derivatives).toList(), join);
  }

  /** One table of several: its ranges begin where a range of any of them begins. */
  private Derivatives zipTables(List<Derivatives> tables, Function<Collection<Term>, Term> join) {
    int[] bounds = bounds(tables);
    int[] at = new int[tables.size()];
    Term[] current = new Term[tables.size()];
    Map<List<Term>, Term> done = new HashMap<>();
    Term[] targets = new Term[bounds.length];
    int size = 0;
    for (int start : bounds) {
      boolean hasChanged = false;
      for (int t = 0; t < current.length; t++) {
        Derivatives table = tables.get(t);
        if (at[t] < table.starts().length && table.starts()[at[t]] == start) {
          current[t] = table.targets()[at[t]++];
          hasChanged = true;
        }
      }
      work += current.length;
      if (!hasChanged) {
        continue;
      }
      List<Term> operands = List.of(current);
      Term target = done.get(operands);
      if (target == null) {
        target = join.apply(operands);
        done.put(operands, target);
      }
      if (size == 0 || targets[size - 1] != target) {
        bounds[size] = start;
        targets[size++] = target;
      }
    }
    return new Derivatives(Arrays.copyOf(bounds, size), Arrays.copyOf(targets, size));
  }

  /** The starts of all ranges, ascending, each once. */
  private static int[] bounds(List<Derivatives> tables) {
    int[] all = tables.stream().flatMapToInt(table -> Arrays.stream(table.starts())).toArray();
    Arrays.sort(all);
    int size = 0;
    for (int start : all) {
      if (size == 0 || all[size - 1] != start) {
        all[size++] = start;
      }
    }
    return Arrays.copyOf(all, size);
  }

  /**
   * Whether any string matches.
   *
   * @throws LimitExceededException if that takes more states than the limit
   */
  public boolean isAlive(Term term) {
    if (term.isAlive == null) {
      explore(term);
    }
    return term.isAlive;
  }

  /** Whether a term is fixed code points around at most one repetition of a code point. */
  public boolean isPlain(Term term) {
    int repetitions = 0;
    Term rest = term;
    while (true) {
      Term head = rest.kind == Kind.CONCAT ? rest.parts.get(0) : rest;
      if (head.kind == Kind.REPEAT && head.parts.get(0).kind == Kind.SET) {
        repetitions++;
      } else if (head.kind != Kind.SET && head.kind != Kind.EMPTY_STRING) {
        return false;
      }
      if (rest.kind != Kind.CONCAT) {
        return repetitions <= 1;
      }
      rest = rest.parts.get(1);
    }
  }

  /** The code points of the shortest string of a plain term; no later state needs more. */
  public int shortest(Term plain) {
    return (int) Math.min(Term.UNBOUNDED, plain.minLength);
  }

  /**
   * Makes all states of a term, so that none of them can be beyond a limit later, and finds the
   * shortest string of each.
   *
   * @return the most code points that any state of them needs to be completed
   * @throws LimitExceededException if there are more than the limit
   */
  public int exploreAll(Term start, int limit) {
    Map<Term, List<Term>> before = new LinkedHashMap<>();
    ArrayDeque<Term> queue = new ArrayDeque<>(List.of(start));
    before.put(start, new ArrayList<>());
    while (!queue.isEmpty()) {
      Term term = queue.remove();
      for (Term next : derivatives(term).targets()) {
        List<Term> sources = before.get(next);
        if (sources == null) {
          sources = new ArrayList<>();
          before.put(next, sources);
          queue.add(next);
        }
        sources.add(term);
      }
      if (before.size() > limit) {
        throw new LimitExceededException(
            String.format("its automaton needs more than %,d states", limit));
      }
    }
    return findShortest(before);
  }

  /** Goes back from the states that are complete, a code point at a time. */
  private static int findShortest(Map<Term, List<Term>> before) {
    int length = 0;
    List<Term> found = before.keySet().stream().filter(term -> term.isNullable).toList();
    found.forEach(term -> term.shortest = 0);
    while (true) {
      List<Term> longer = new ArrayList<>();
      for (Term term : found) {
        for (Term source : before.get(term)) {
          if (source.shortest < 0) {
            source.shortest = length + 1;
            longer.add(source);
          }
        }
      }
      if (longer.isEmpty()) {
        return length;
      }
      found = longer;
      length++;
    }
  }

  private void explore(Term start) {
    Map<Term, Term> parents = new LinkedHashMap<>();
    ArrayDeque<Term> queue = new ArrayDeque<>();
    parents.put(start, null);
    queue.add(start);
    while (!queue.isEmpty()) {
      Term term = queue.remove();
      for (Term next : derivatives(term).targets()) {
        if (Boolean.TRUE.equals(next.isAlive)) {
          for (Term on = term; on != null; on = parents.get(on)) {
            on.isAlive = true;
          }
          return;
        }
        if (next.isAlive == null && !parents.containsKey(next)) {
          parents.put(next, term);
          queue.add(next);
          if (parents.size() > MAX_EXPLORED) {
            throw new LimitExceededException(
                String.format("its automaton needs more than %,d states", MAX_EXPLORED));
          }
        }
      }
    }
    parents.keySet().forEach(term -> term.isAlive = false);
  }

  /**
   * Whether a string of at least {@code min} and at most {@code max} code points matches.
   *
   * @throws LimitExceededException if that takes more states than the limit
   */
  public boolean isAlive(Term term, int min, int max) {
    if (max < min || !isAlive(term)) {
      return false;
    }
    if (min == 0 && (max == Term.UNBOUNDED || term.shortest >= 0)) {
      return term.shortest <= max;
    }
    if (term.isPositive) {
      if (term.maxLength < min || term.minLength > max) {
        return false;
      }
      if (term.isSolid || term.minLength >= min) {
        return true;
      }
    }
    return hasLength(term, min, max);
  }

  /** Goes through the states after 0, 1, 2... code points until they repeat. */
  private boolean hasLength(Term term, int min, int max) {
    Set<Term> states = Set.of(term);
    Map<Set<Term>, Integer> seen = new HashMap<>();
    int visited = 0;
    for (int length = 0; length <= max && !states.isEmpty(); length++) {
      if (length >= min && states.stream().anyMatch(state -> state.isNullable)) {
        return true;
      }
      Integer before = seen.putIfAbsent(states, length);
      if (before != null) {
        int period = length - before;
        if (length >= min + period) {
          return false;
        }
        // All lengths from here on look like those of the period before.
        int whole = Math.max(0, min - length) / period * period;
        if (whole > 0) {
          length += whole;
          seen.clear();
          if (length >= min && states.stream().anyMatch(state -> state.isNullable)) {
            return length <= max;
          }
        }
      }
      Set<Term> next = new HashSet<>();
      for (Term state : states) {
        for (Term target : derivatives(state).targets()) {
          if (isAlive(target)) {
            next.add(target);
          }
        }
      }
      visited += next.size();
      if (visited > MAX_VISITED) {
        throw new LimitExceededException(
            String.format("its automaton with a length visits more than %,d states", MAX_VISITED));
      }
      states = next;
    }
    return false;
  }
}
