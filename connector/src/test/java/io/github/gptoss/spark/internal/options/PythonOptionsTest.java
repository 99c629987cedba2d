package io.github.gptoss.spark.internal.options;

import io.github.gptoss.spark.Generated;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Python package's types of keyword arguments are made from the table of options. */
class PythonOptionsTest {
  private static final Path MODULE = Path.of("../python/src/gptoss_spark/_options.py");

  private static final String HEAD =
      """
      \"""Types of the keyword arguments that are options; docs/options.md says what they mean.

      Made from the connector's table of options by PythonOptionsTest, which fails where this file is not what the table says, and
      writes it with mvn -pl connector -am test -Dtest=PythonOptionsTest -Dsurefire.failIfNoSpecifiedTests=false -Dregenerate=true.
      \"""

      from __future__ import annotations

      from collections.abc import Mapping, Sequence
      from typing import Any, TypedDict, Union

      from pyspark.sql import Column
      from pyspark.sql.types import DataType
      """;

  private static String type(OptionKey key) {
    return switch (key.kind()) {
      case STRING -> "str";
      case BYTES -> "int, str";
      case DURATION -> "float, str";
      case STRING_LIST -> "str, Sequence[str]";
      case FLAG_OR_NAMES -> "bool, str, Sequence[str]";
      case JSON_OBJECT ->
          key == OptionKey.RESPONSE_FORMAT
              ? "str, Mapping[str, Any], DataType, type"
              : "str, Mapping[str, Any]";
      case JSON_ARRAY -> "str, Sequence[Mapping[str, Any]]";
      case NUMBERS_BY_TOKEN -> "str, Mapping[int, float], Mapping[str, float]";
      case INT, LONG -> "int";
      case DOUBLE -> "float";
      case BOOLEAN -> "bool";
    };
  }

  private static String field(String name, String types) {
    return "    %s: Union[%s, None]\n".formatted(name, types);
  }

  private static String fields(Stream<String> fields) {
    return fields.collect(Collectors.joining());
  }

  private static String definition(String name, String meaning, String fields) {
    return "\n\nclass %s(TypedDict, total=False):\n    \"\"\"%s\"\"\"\n\n".formatted(name, meaning)
        + fields;
  }

  private static String expected() {
    Stream<String> ofCalls =
        Arrays.stream(OptionKey.values())
            .filter(OptionKey::isArgument)
            .map(key -> field(key.optionName(), type(key) + (key.isPerRow() ? ", Column" : "")));
    Stream<String> ofSessions =
        Arrays.stream(OptionKey.values()).map(key -> field(key.optionName(), type(key)));
    Stream<String> ofTables =
        Arrays.stream(OptionKey.values())
            .filter(OptionKey::isPerRow)
            .map(key -> field(key.optionName() + "_col", "str"));
    return HEAD
        + definition(
            "CallOptions", "Options of a call; those of a row may be columns.", fields(ofCalls))
        + definition("SessionOptions", "Options of all calls of a session.", fields(ofSessions))
        + definition(
                "TableOptions",
                "Options of a table, with the names of columns that have each row's own value.",
                fields(ofTables))
            .replace("(TypedDict, ", "(SessionOptions, ");
  }

  @Test
  void theModuleIsThatOfTheOptions() throws Exception {
    Generated.assertIs(MODULE, expected());
  }
}
