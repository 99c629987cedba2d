package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionName;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Where a table's prompts are, as an expression that makes a request of each row: Spark itself
 * fills in templates and turns conversations into JSON, so that nothing behind it depends on the
 * table's types.
 *
 * @param request a struct of {@link RequestSchema}; null where a row holds none
 * @param isMessages whether its {@code messages} are message JSON rather than a prompt
 */
public record PromptInput(Column request, boolean isMessages) {
  /** A longer name in a template's braces is taken for text. */
  private static final int MOST_NAME_CHARS = 128;

  private static final Pattern NO_NAME = Pattern.compile("[^`]*[\":\\n][^`]*");

  /**
   * Finds the columns that the options name.
   *
   * @param caseSensitive Spark's {@code spark.sql.caseSensitive}
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a column is missing, ambiguous
   *     or of the wrong type, or the output column exists already
   */
  public static PromptInput resolve(StructType table, OptionValues options, boolean caseSensitive) {
    OptionColumns columns = new OptionColumns(table, options, caseSensitive);
    PromptInput input = new Resolver(table, caseSensitive, columns).resolve(options);
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

  private record Resolver(StructType table, boolean caseSensitive, OptionColumns columns) {
    PromptInput resolve(OptionValues options) {
      if (options.isSet(OptionKey.REQUEST_COL)) {
        return request(options.text(OptionKey.REQUEST_COL));
      }
      if (options.isSet(OptionKey.MESSAGES_COL)) {
        return messages(options.text(OptionKey.MESSAGES_COL));
      }
      if (options.isSet(OptionKey.PROMPT_TEMPLATE)) {
        return template(options.text(OptionKey.PROMPT_TEMPLATE));
      }
      String name = options.text(OptionKey.PROMPT_COL);
      ColumnPath found = find(OptionKey.PROMPT_COL, name);
      return asking(text(OptionKey.PROMPT_COL, name, found), false);
    }

    /** A request for each row, with the row's own options. */
    private PromptInput asking(Column input, boolean isMessages) {
      return new PromptInput(
          RequestSchema.of(input, columns.parameters().orElseGet(() -> functions.lit(null))),
          isMessages);
    }

    private PromptInput messages(String name) {
      ColumnPath found = find(OptionKey.MESSAGES_COL, name);
      if (found.type() instanceof StringType) {
        return asking(found.column(), true);
      }
      if (MessageList.isType(found.type(), caseSensitive)) {
        Column json = functions.to_json(found.column());
        boolean mayHoldParts = MessageList.hasTextContent(found.type(), caseSensitive);
        return asking(mayHoldParts ? withParts(json) : json, true);
      }
      throw SchemaErrors.notMessages(name, found.type());
    }

    private static Column withParts(Column json) {
      return ExpressionUtils.column(new MessageParts(ExpressionUtils.expression(json)));
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
        Column typed = value.cast(wanted.dataType());
        fields.add(
            (wanted.name().equals(RequestSchema.PARAMETERS)
                    ? columns.parametersBelow(typed).orElse(typed)
                    : typed)
                .as(wanted.name()));
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
          ColumnPath found = templateColumn(part.text());
          parts.add(text(OptionKey.PROMPT_TEMPLATE, part.text(), found));
        } else {
          parts.add(functions.lit(part.text()));
        }
      }
      return asking(functions.concat(parts.toArray(new Column[0])), false);
    }

    /** What is in braces may also be part of the prompt's own text, JSON above all. */
    private ColumnPath templateColumn(String name) {
      boolean mayBeText = name.length() > MOST_NAME_CHARS || NO_NAME.matcher(name).matches();
      if (mayBeText && !Arrays.asList(table.fieldNames()).contains(name)) {
        throw SchemaErrors.literalBraces();
      }
      return find(OptionKey.PROMPT_TEMPLATE, name);
    }

    /** The column's text, where Spark's own string functions take it. */
    private static Column text(OptionKey option, String name, ColumnPath found) {
      if (!TextForm.isImplicit(found.type())) {
        throw SchemaErrors.notText(option, name, found.type());
      }
      return found.type() instanceof StringType
          ? found.column()
          : found.column().cast(DataTypes.StringType);
    }

    private ColumnPath find(OptionKey option, String name) {
      if (table.isEmpty()) {
        throw SchemaErrors.noColumns(name);
      }
      return ColumnPath.of(table, new OptionName(option, false), name, caseSensitive);
    }
  }
}
