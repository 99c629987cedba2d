package io.github.gptoss.spark.internal.options;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.GenerationRequest;
import java.nio.IntBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A row of the option table, as it is written; {@link OptionKey} shows what it says. */
final class OptionRow {
  /** Where an option is the engine's, so is its default. */
  static final EngineConfig ENGINE = EngineConfig.builder("demo").build();

  /** As {@link #ENGINE}, for what may differ from row to row. */
  static final GenerationRequest REQUEST = GenerationRequest.harmony(IntBuffer.allocate(1)).build();

  final String name;
  final OptionKey.Scope scope;
  final OptionKey.Kind kind;
  final String description;
  String defaultValue;
  Allowed allowed = Allowed.ANY;
  List<String> spellings;
  boolean isRendering;
  boolean holdsText;
  boolean isSecret;
  final Map<OptionKey.Endpoint, List<String>> bodyFields = new EnumMap<>(OptionKey.Endpoint.class);

  private OptionRow(OptionKey.Scope scope, String name, OptionKey.Kind kind, String description) {
    this.scope = scope;
    this.name = name;
    this.kind = kind;
    this.description = description;
    spellings = List.of(name);
  }

  /** An option that says which model there is, and how it is fetched. */
  static OptionRow model(String name, OptionKey.Kind kind, String description) {
    return new OptionRow(OptionKey.Scope.MODEL, name, kind, description);
  }

  /** An option of an executor's engine. The engine itself checks its range. */
  static OptionRow engine(String name, OptionKey.Kind kind, String description) {
    return new OptionRow(OptionKey.Scope.ENGINE, name, kind, description);
  }

  /** An option that only a call over a table has. */
  static OptionRow table(String name, OptionKey.Kind kind, String description) {
    return new OptionRow(OptionKey.Scope.TABLE, name, kind, description);
  }

  /** An option that is the same for all rows of a call. */
  static OptionRow call(String name, OptionKey.Kind kind, String description) {
    return new OptionRow(OptionKey.Scope.CALL, name, kind, description);
  }

  /** An option of each row that is part of how its prompt is rendered. */
  static OptionRow rendering(String name, OptionKey.Kind kind, String description) {
    OptionRow row = new OptionRow(OptionKey.Scope.ROW, name, kind, description);
    row.isRendering = true;
    return row;
  }

  /** An option of each row that is part of how its tokens are chosen. */
  static OptionRow sampling(String name, OptionKey.Kind kind, String description) {
    return new OptionRow(OptionKey.Scope.ROW, name, kind, description);
  }

  /** What holds where the option is not set; whole numbers are written without a fraction. */
  OptionRow unless(Object value) {
    defaultValue =
        value instanceof Double d && d == Math.rint(d)
            ? String.valueOf(d.longValue())
            : value.toString();
    return this;
  }

  OptionRow allowed(Allowed values) {
    allowed = values;
    return this;
  }

  /** Names that other software gives the same option. */
  OptionRow alias(String... names) {
    spellings = Stream.concat(Stream.of(name), Stream.of(names)).toList();
    return this;
  }

  /** The value is or holds part of a prompt, which nothing shows. */
  OptionRow holdsText() {
    holdsText = true;
    return this;
  }

  /** The value is a secret, which nothing shows. */
  OptionRow secret() {
    isSecret = true;
    return this;
  }

  /** Fields of a body of OpenAI's chat API that set the option, the strongest first. */
  OptionRow chat(String... fields) {
    bodyFields.put(OptionKey.Endpoint.CHAT_COMPLETIONS, List.of(fields));
    return this;
  }

  /** Fields of a body of OpenAI's responses API that set the option, the strongest first. */
  OptionRow responses(String... fields) {
    bodyFields.put(OptionKey.Endpoint.RESPONSES, List.of(fields));
    return this;
  }

  /** The field that has the option's own name at both endpoints. */
  OptionRow body() {
    return body(name);
  }

  /** The field of this name at both endpoints. */
  OptionRow body(String field) {
    return chat(field).responses(field);
  }
}
