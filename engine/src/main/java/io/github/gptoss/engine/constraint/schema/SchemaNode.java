package io.github.gptoss.engine.constraint.schema;

import io.github.gptoss.engine.constraint.lexeme.NumberBounds;
import io.github.gptoss.engine.constraint.schema.Literals.Literal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The keywords of one schema. Filled by {@link SchemaReader}; not changed afterwards. */
final class SchemaNode {
  enum Type {
    NULL,
    BOOLEAN,
    NUMBER,
    STRING,
    ARRAY,
    OBJECT;

    boolean isNested() {
      return this == ARRAY || this == OBJECT;
    }
  }

  /** Several schemas that are combined with the one that holds them. */
  enum Combination {
    ALL_OF,
    ANY_OF,
    ONE_OF,
    REF
  }

  record Group(Combination kind, String keyword, List<SchemaNode> members) {}

  static final int UNBOUNDED = Integer.MAX_VALUE;

  final String path;

  /** Whether this is the schema {@code false}, or holds the empty {@code enum}. */
  boolean isNever;

  /** The allowed types; null where nothing says them. Of integers, NUMBER. */
  Set<Type> types;

  /** Whether numbers have to be integers because of {@code type}. */
  boolean isInteger;

  /** The values of {@code enum} and {@code const}; null where there are none. */
  Set<Literal> literals;

  NumberBounds number = NumberBounds.NUMBER;
  int minLength;
  int maxLength = UNBOUNDED;
  String pattern;
  String format;

  final List<SchemaNode> prefixItems = new ArrayList<>();
  SchemaNode items;
  int minItems;
  int maxItems = UNBOUNDED;
  boolean isUnique;

  final Map<String, SchemaNode> properties = new LinkedHashMap<>();
  final Map<String, SchemaNode> patternProperties = new LinkedHashMap<>();
  SchemaNode additionalProperties;
  final List<String> required = new ArrayList<>();
  int minProperties;
  int maxProperties = UNBOUNDED;

  /**
   * Combinations that stand before {@code properties}, or where there are none before {@code
   * required}, and the others, as written.
   */
  final List<Group> groupsBefore = new ArrayList<>();

  final List<Group> groupsBehind = new ArrayList<>();

  SchemaNode(String path) {
    this.path = path;
  }

  static Set<Type> allTypes() {
    return EnumSet.allOf(Type.class);
  }

  String at(String keyword) {
    return path + "/" + keyword;
  }
}
