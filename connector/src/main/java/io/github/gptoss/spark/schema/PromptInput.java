package io.github.gptoss.spark.schema;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;

/**
 * Where a table's prompts are, as an expression that makes a request of each row: Spark itself
 * fills in templates and turns conversations into JSON, so that nothing behind it depends on the
 * table's types.
 *
 * @param request a struct of {@link RequestSchema}; null where a row holds none
 * @param isMessages whether its {@code messages} are message JSON rather than a prompt
 */
public record PromptInput(Column request, boolean isMessages) {

  /**
   * Finds the columns that the options name.
   *
   * @param caseSensitive Spark's {@code spark.sql.caseSensitive}
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a column is missing, ambiguous
   *     or of the wrong type, or the output column exists already
   */
  public static PromptInput resolve(StructType table, OptionValues options, boolean caseSensitive) {
    PromptInput input = new Resolver(table, caseSensitive).resolve(options);
    String output = options.text(OptionKey.OUTPUT_COL);
    for (String name : table.fieldNames()) {
      if (caseSensitive ? name.equals(output) : name.equalsIgnoreCase(output)) {
        throw SchemaErrors.outputTaken(name);
      }
    }
    return input;
  }

  /**
   * The same for tables of lines that need not be JSON: where a row has no prompt and {@code
   * recordColumn} holds its line instead, the row's error says so.
   *
   * @param recordColumn Spark's {@code spark.sql.columnNameOfCorruptRecord}; tables without it stay
   *     as they are
   */
  public PromptInput orBrokenLine(StructType table, String recordColumn) {
    if (Arrays.stream(table.fields())
        .noneMatch(f -> f.name().equals(recordColumn) && f.dataType() instanceof StringType)) {
      return this;
    }
    Column line = functions.col(ColumnPath.quoted(recordColumn));
    return new PromptInput(
        functions
            .when(
                text().isNull().and(line.isNotNull()),
                RequestSchema.failed("invalid_json", SchemaErrors.brokenLine(recordColumn)))
            .otherwise(request),
        isMessages);
  }

  /** What the row asks, without its parameters: the same text for rows that ask the same. */
  public Column text() {
    return request.getField(RequestSchema.MESSAGES);
  }

  private record Resolver(StructType table, boolean caseSensitive) {
    PromptInput resolve(OptionValues options) {
      if (options.isSet(OptionKey.MESSAGES_COL)) {
        return messages(options.text(OptionKey.MESSAGES_COL));
      }
      if (options.isSet(OptionKey.REQUEST_COL)) {
        return request(options.text(OptionKey.REQUEST_COL));
      }
      if (options.isSet(OptionKey.PROMPT_TEMPLATE)) {
        return template(options.text(OptionKey.PROMPT_TEMPLATE));
      }
      String name = options.text(OptionKey.PROMPT_COL);
      ColumnPath found = find(OptionKey.PROMPT_COL, name);
      if (!(found.type() instanceof StringType)) {
        throw SchemaErrors.notText(OptionKey.PROMPT_COL, name, found.type());
      }
      return new PromptInput(RequestSchema.of(found.column()), false);
    }

    private PromptInput messages(String name) {
      ColumnPath found = find(OptionKey.MESSAGES_COL, name);
      if (found.type() instanceof StringType) {
        return new PromptInput(RequestSchema.of(found.column()), true);
      }
      if (found.type() instanceof ArrayType array
          && array.elementType() instanceof StructType message
          && hasText(message, "role")
          && Arrays.asList(message.fieldNames()).contains("content")) {
        return new PromptInput(RequestSchema.of(functions.to_json(found.column())), true);
      }
      throw SchemaErrors.notMessages(name, found.type());
    }

    /** Fields that a request leaves out are null. */
    private PromptInput request(String name) {
      ColumnPath found = find(OptionKey.REQUEST_COL, name);
      if (!(found.type() instanceof StructType struct)
          || !hasText(struct, RequestSchema.MESSAGES)) {
        throw SchemaErrors.notRequest(name, found.type());
      }
      List<Column> fields = new ArrayList<>();
      for (StructField wanted : RequestSchema.REQUEST.fields()) {
        StructField given = ColumnPath.field(struct, wanted.name(), caseSensitive).orElse(null);
        if (given != null
            && !DataType.equalsIgnoreNullability(given.dataType(), wanted.dataType())) {
          throw SchemaErrors.notRequest(name, found.type());
        }
        Column value = given == null ? functions.lit(null) : found.column().getField(given.name());
        fields.add(value.cast(wanted.dataType()).as(wanted.name()));
      }
      Column request = functions.struct(fields.toArray(new Column[0]));
      return new PromptInput(functions.when(found.column().isNotNull(), request), true);
    }

    private static boolean hasText(StructType message, String field) {
      return Arrays.stream(message.fields())
          .anyMatch(f -> f.name().equals(field) && f.dataType() instanceof StringType);
    }

    private PromptInput template(String text) {
      List<Column> parts = new ArrayList<>();
      for (PromptTemplate.Part part : PromptTemplate.parse(text).parts()) {
        if (part.isColumn()) {
          ColumnPath found = find(OptionKey.PROMPT_TEMPLATE, part.text());
          if (!isPrintable(found.type())) {
            throw SchemaErrors.notPrintable(part.text(), found.type());
          }
          parts.add(found.column().cast(DataTypes.StringType));
        } else {
          parts.add(functions.lit(part.text()));
        }
      }
      return new PromptInput(
          RequestSchema.of(functions.concat(parts.toArray(new Column[0]))), false);
    }

    private static boolean isPrintable(DataType type) {
      return !(type instanceof StructType
          || type instanceof ArrayType
          || type instanceof MapType
          || type instanceof BinaryType
          || type instanceof VariantType);
    }

    private ColumnPath find(OptionKey option, String name) {
      if (table.isEmpty()) {
        throw SchemaErrors.noColumns(name);
      }
      return ColumnPath.find(table, name, caseSensitive)
          .orElseThrow(() -> SchemaErrors.missing(option, name, Arrays.asList(table.fieldNames())));
    }
  }
}
