package io.github.gptoss.spark.internal.source.openai;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.error.NearestName;
import java.util.Collection;
import java.util.List;
import org.apache.spark.sql.types.DataType;

/** The errors of batch files: of a line, with OpenAI's codes, and of the source's own options. */
final class BatchErrors {
  private BatchErrors() {}

  static InvalidRequestException notJson(String problem) {
    return new InvalidRequestException(
        "invalid_json_line", "the line is no JSON object: " + problem + "; write one on each line");
  }

  static InvalidRequestException missing(String field, String expected) {
    return new InvalidRequestException(
        "missing_required_parameter", field + " is missing: it must be " + expected);
  }

  static InvalidRequestException wrongType(String field, String expected) {
    return new InvalidRequestException("invalid_type", field + " must be " + expected);
  }

  static InvalidRequestException method() {
    return new InvalidRequestException("invalid_method", "method must be POST");
  }

  static InvalidRequestException url(Collection<String> known) {
    return new InvalidRequestException(
        "invalid_url", "url must be " + String.join(" or ", known) + ": no other is served");
  }

  static InvalidRequestException duplicate() {
    return new InvalidRequestException(
        "duplicate_custom_id",
        "an earlier line has the same custom_id: give every request its own");
  }

  static InvalidRequestException unsupported(String field, String what) {
    return new InvalidRequestException("unsupported_parameter", field + " " + what);
  }

  static InvalidRequestException unknown(String field, Collection<String> known) {
    return new InvalidRequestException(
        "unknown_parameter",
        "body has an unknown parameter '%s'%s"
            .formatted(
                field.length() > 64 ? field.substring(0, 64) + "..." : field,
                NearestName.hint(field, List.copyOf(known))));
  }

  static InvalidConfigException noPath() {
    return new InvalidConfigException(
        "format openai-batch has no path: give load(path) a file, folder or pattern, and"
            + " save(path) a folder");
  }

  static InvalidConfigException unknownOption(String name, List<String> known) {
    return invalid(
        "unknown option '%s' of format openai-batch%s; it takes %s, and a model's options belong"
            + " to format gptoss with input_format openai-batch",
        name, NearestName.hint(name, known), String.join(" and ", known));
  }

  static InvalidConfigException outputExists(String path) {
    return new InvalidConfigException(
        "path '" + path + "' exists already: choose another, or mode overwrite or append");
  }

  static InvalidConfigException noColumn(String column, String expected) {
    return invalid(
        "format openai-batch writes answers, and the table has no column '%s' of type %s: write"
            + " what format gptoss with input_format openai-batch reads",
        column, expected);
  }

  static InvalidConfigException wrongColumn(String column, String expected, DataType actual) {
    return invalid(
        "format openai-batch: column '%s' is %s, expected %s",
        column, actual.simpleString(), expected);
  }

  private static InvalidConfigException invalid(String text, Object... values) {
    return new InvalidConfigException(text.formatted(values));
  }
}
