package io.github.gptoss.engine.constraint;

import java.util.ArrayList;
import java.util.List;

/**
 * The type that all answers of a form have in common, as far as they have one.
 *
 * @param isNullable whether the value may be null
 * @param isFinite whether there is a finite set of values, each with one spelling: what an enum
 *     lists, booleans, integers between two bounds, choices
 * @param item what an array holds; null for other kinds
 * @param members what an object holds, in the order of its text; empty for other kinds
 */
public record AnswerType(
    Kind kind, boolean isNullable, boolean isFinite, AnswerType item, List<Member> members) {
  /** Kinds of values. */
  public enum Kind {
    /** Only null fits. */
    NULL,
    BOOLEAN,
    /** Integers; those that a bound names fit into 64 bits. */
    LONG,
    /** Integers; those that a bound names have at most 38 digits. */
    INTEGER,
    NUMBER,
    TEXT,
    ARRAY,
    /** Objects of the same members. */
    OBJECT,
    /** Objects that may have members of any name. */
    MAP,
    /** Values of which no other kind is true. */
    JSON
  }

  /** A member of an object. */
  public record Member(String name, AnswerType type, boolean isRequired) {
    /** Whether the object may have no value of this name, or null. */
    public boolean isNullable() {
      return !isRequired || type.isNullable();
    }
  }

  public AnswerType {
    members = List.copyOf(members);
  }

  /** A type of values without parts. */
  public static AnswerType scalar(Kind kind, boolean isFinite) {
    return new AnswerType(kind, kind == Kind.NULL, isFinite, null, List.of());
  }

  public static AnswerType array(AnswerType item) {
    return new AnswerType(Kind.ARRAY, false, false, item, List.of());
  }

  public static AnswerType object(List<Member> members) {
    return new AnswerType(Kind.OBJECT, false, false, null, members);
  }

  /** The type of the values of this one and of another. */
  public AnswerType or(AnswerType other) {
    boolean nullable = isNullable || other.isNullable;
    boolean finite = isFinite && other.isFinite;
    if (kind == Kind.NULL || other.kind == Kind.NULL) {
      AnswerType typed = kind == Kind.NULL ? other : this;
      return new AnswerType(typed.kind, nullable, finite, typed.item, typed.members);
    }
    if (kind == Kind.ARRAY && other.kind == Kind.ARRAY) {
      return new AnswerType(kind, nullable, finite, item.or(other.item), List.of());
    }
    if (kind == Kind.OBJECT && other.kind == Kind.OBJECT && names().equals(other.names())) {
      return new AnswerType(kind, nullable, finite, null, membersOr(other));
    }
    return new AnswerType(common(kind, other.kind), nullable, finite, null, List.of());
  }

  private static Kind common(Kind a, Kind b) {
    boolean areNumbers = isNumeric(a) && isNumeric(b);
    Kind wider = a.compareTo(b) > 0 ? a : b;
    return areNumbers || a == b && a != Kind.OBJECT ? wider : Kind.JSON;
  }

  private static boolean isNumeric(Kind kind) {
    return kind == Kind.LONG || kind == Kind.INTEGER || kind == Kind.NUMBER;
  }

  private List<String> names() {
    return members.stream().map(Member::name).toList();
  }

  private List<Member> membersOr(AnswerType other) {
    List<Member> both = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      Member a = members.get(i);
      Member b = other.members.get(i);
      both.add(new Member(a.name(), a.type().or(b.type()), a.isRequired() && b.isRequired()));
    }
    return both;
  }
}
