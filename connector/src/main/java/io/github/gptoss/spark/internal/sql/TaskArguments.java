package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.prompts.TextForm;
import io.github.gptoss.spark.internal.tasks.Labels;
import io.github.gptoss.spark.internal.tasks.Task;
import io.github.gptoss.spark.internal.tasks.TaskCall;
import io.github.gptoss.spark.internal.tasks.TaskParameter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.CreateArray;
import org.apache.spark.sql.catalyst.expressions.CreateMap;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedArgumentExpression;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Reads the arguments of a task's call, by place or by name. Those that are not the task's own are
 * options.
 */
final class TaskArguments {
  private final TaskFunction function;
  private final boolean isTypeOnly;
  private final Map<TaskParameter, Expression> given = new EnumMap<>(TaskParameter.class);
  private final OptionArguments options;

  private TaskArguments(TaskFunction function, boolean isTypeOnly) {
    this.function = function;
    this.isTypeOnly = isTypeOnly;
    options = new OptionArguments(function, isTypeOnly);
  }

  /**
   * The result that these arguments ask for.
   *
   * @param isTypeOnly whether only its type is asked for; the values of constants need not be known
   * @throws io.github.gptoss.engine.error.InvalidConfigException if an argument's name, type or
   *     constant value is wrong
   */
  static Expression read(TaskFunction function, List<Expression> arguments, boolean isTypeOnly) {
    TaskArguments read = new TaskArguments(function, isTypeOnly);
    read.readAll(arguments);
    TaskCall call = read.call().check();
    if (call.examples().isEmpty()) {
      read.given.remove(TaskParameter.EXAMPLES); // an empty map is as good as none
    }
    if (function.task().isAggregate()) {
      read.given.compute(TaskParameter.CONTENT, (same, content) -> GroupText.of(content));
    } else {
      read.given.replaceAll(
          (parameter, value) -> parameter.mayBeColumn() ? OnceValue.of(value) : value);
    }
    return new TaskExpression(function, call, read.given, read.options).make();
  }

  private void readAll(List<Expression> arguments) {
    List<TaskParameter> parameters = function.task().parameters();
    boolean areNamed = false;
    for (int i = 0; i < arguments.size(); i++) {
      Expression argument = arguments.get(i);
      TaskParameter place = i < parameters.size() ? parameters.get(i) : null;
      if (argument instanceof NamedArgumentExpression named) {
        set(named.key(), named.value());
        areNamed = true;
      } else if (areNamed) {
        throw FunctionErrors.positionalAfterNamed(function, i + 1);
      } else if (i > 0
          && i == arguments.size() - 1
          && place != TaskParameter.SCHEMA
          && argument.dataType() instanceof StructType fields) {
        // Where names cannot be given, as in functions of a catalog.
        for (int f = 0; f < fields.length(); f++) {
          set(fields.fieldNames()[f], ArgumentValues.field(argument, f));
        }
      } else if (place == null) {
        throw FunctionErrors.positional(function, i + 1);
      } else {
        put(place, argument);
      }
    }
    for (TaskParameter required : function.task().required()) {
      if (!given.containsKey(required)) {
        throw FunctionErrors.missing(function, required.argumentName());
      }
    }
  }

  private void set(String name, Expression value) {
    String folded = name.replace("_", "");
    for (TaskParameter parameter : function.task().parameters()) {
      if (parameter.argumentName().replace("_", "").equalsIgnoreCase(folded)) {
        put(parameter, value);
        return;
      }
    }
    options.set(name, value);
  }

  private void put(TaskParameter parameter, Expression argument) {
    Expression value = ArgumentValues.plain(argument);
    if (given.containsKey(parameter)) {
      throw FunctionErrors.givenTwice(function, parameter.argumentName());
    }
    if (parameter.mayBeColumn()) {
      checkText(parameter, value);
      given.put(parameter, value);
    } else if (isRequired(parameter) || !isNull(value)) {
      given.put(parameter, value);
    }
  }

  private boolean isRequired(TaskParameter parameter) {
    return function.task().required().contains(parameter);
  }

  private static boolean isNull(Expression value) {
    return ArgumentValues.isConstant(value) && value.eval(null) == null;
  }

  private void checkText(TaskParameter parameter, Expression value) {
    String name = parameter.argumentName();
    if (!TextForm.isImplicit(value.dataType())) {
      throw typeOf(parameter, value, "string: " + TextForm.hint(name, value.dataType()));
    }
    boolean isRest = parameter == TaskParameter.CONTENT || parameter == TaskParameter.PROMPT;
    if (!isRest && ArgumentValues.isConstant(value)) {
      String constant = ArgumentValues.constant(ArgumentValues.string(value));
      if (constant != null && constant.isBlank()) {
        throw FunctionErrors.isBlank(function, name);
      }
    }
  }

  private TaskCall call() {
    Labels labels =
        switch (function.task()) {
          case CLASSIFY, MASK -> labels(TaskParameter.LABELS);
          case SENTIMENT -> labels(TaskParameter.ASPECTS);
          case EXTRACT -> isSchemaOfNames() ? labels(TaskParameter.SCHEMA) : null;
          case SUMMARIZE, TRANSLATE, FIX_GRAMMAR, GEN, FILTER, AGG, SUMMARIZE_AGG -> null;
        };
    return new TaskCall(
        function.task(),
        function.sqlName(),
        labels,
        function.task() == Task.EXTRACT && labels == null ? schema() : null,
        Boolean.TRUE.equals(
            constant(TaskParameter.MULTI_LABEL, BooleanType.class, "boolean", false)),
        instruction(),
        text(constant(TaskParameter.INSTRUCTIONS, StringType.class, "string", null)),
        examples(),
        maxWords());
  }

  private String instruction() {
    if (!given.containsKey(TaskParameter.INSTRUCTION)) {
      return null;
    }
    String name = TaskParameter.INSTRUCTION.argumentName();
    String text = text(constant(TaskParameter.INSTRUCTION, StringType.class, "string", null));
    if (text == null) {
      throw FunctionErrors.isNull(function, name);
    }
    if (text.isBlank()) {
      throw FunctionErrors.isBlank(function, name);
    }
    return text;
  }

  private Long maxWords() {
    Object words = constant(TaskParameter.MAX_WORDS, IntegralType.class, "a whole number", null);
    return words == null ? null : ((Number) words).longValue();
  }

  private static String text(Object value) {
    return value == null ? null : value.toString();
  }

  /**
   * The value of an argument, null where it is not given.
   *
   * @param unknown what stands for a value that need not be known
   */
  private Object constant(
      TaskParameter parameter, Class<? extends DataType> type, String expected, Object unknown) {
    Expression value = given.get(parameter);
    if (value == null) {
      return null;
    }
    if (!type.isInstance(value.dataType())) {
      throw typeOf(parameter, value, expected);
    }
    return isKnown(parameter, value) ? value.eval(null) : unknown;
  }

  private boolean isKnown(TaskParameter parameter, Expression value) {
    if (ArgumentValues.isConstant(value)) {
      return true;
    }
    if (!isTypeOnly) {
      throw FunctionErrors.notConstant(function, parameter.argumentName(), value);
    }
    return false;
  }

  private boolean isSchemaOfNames() {
    return given.get(TaskParameter.SCHEMA).dataType() instanceof ArrayType;
  }

  private String schema() {
    Expression value = given.get(TaskParameter.SCHEMA);
    if (value.dataType() instanceof StructType type) {
      return type.sql();
    }
    if (isTypeOnly) {
      throw function.schemaByValue();
    }
    if (value.dataType() instanceof NullType) {
      throw FunctionErrors.isNull(function, TaskParameter.SCHEMA.argumentName());
    }
    String schema =
        text(constant(TaskParameter.SCHEMA, StringType.class, "string or array<string>", null));
    if (schema == null) {
      throw FunctionErrors.isNull(function, TaskParameter.SCHEMA.argumentName());
    }
    if (schema.isBlank()) {
      throw FunctionErrors.isBlank(function, TaskParameter.SCHEMA.argumentName());
    }
    return schema;
  }

  /** Null where the argument is not given. */
  private Labels labels(TaskParameter parameter) {
    Expression value = given.get(parameter);
    if (value == null) {
      return null;
    }
    DataType type = value.dataType();
    boolean isMap =
        parameter == TaskParameter.LABELS
            && type instanceof MapType map
            && isText(map.keyType())
            && isText(map.valueType());
    if (!isMap && !isTexts(type)) {
      throw typeOf(
          parameter,
          value,
          parameter == TaskParameter.LABELS
              ? "array<string>, or map<string,string> of labels to descriptions"
              : "array<string>");
    }
    if (!isKnown(parameter, value)) {
      if (parameter == TaskParameter.SCHEMA) {
        throw function.schemaByValue();
      }
      return Labels.of(function.sqlName(), parameter, List.of("any"), null);
    }
    Entries entries = entries(parameter, value);
    return Labels.of(
        function.sqlName(),
        parameter,
        texts(entries.keys),
        entries.values == null ? null : texts(entries.values));
  }

  /** The keys and values of a map; the items of an array and null. */
  private record Entries(ArrayData keys, ArrayData values) {}

  private Entries entries(TaskParameter parameter, Expression value) {
    if (value instanceof CreateMap map) {
      // Before Spark makes a map of them: it would have its own words for a key that is there
      // twice.
      return new Entries(
          (ArrayData) new CreateArray(map.keys(), false).eval(null),
          (ArrayData) new CreateArray(map.values(), false).eval(null));
    }
    Object constant = value.eval(null);
    if (constant == null) {
      throw FunctionErrors.isNull(function, parameter.argumentName());
    }
    return constant instanceof MapData map
        ? new Entries(map.keyArray(), map.valueArray())
        : new Entries((ArrayData) constant, null);
  }

  private static List<String> texts(ArrayData texts) {
    return ArgumentValues.strings(texts);
  }

  private Map<String, List<String>> examples() {
    Expression value = given.get(TaskParameter.EXAMPLES);
    if (value == null) {
      return Map.of();
    }
    if (!(value.dataType() instanceof MapType map
        && isText(map.keyType())
        && (isText(map.valueType()) || isTexts(map.valueType())))) {
      throw typeOf(
          TaskParameter.EXAMPLES, value, "map<string,string>, or map<string,array<string>>");
    }
    if (!isKnown(TaskParameter.EXAMPLES, value)) {
      return Map.of();
    }
    Entries entries = entries(TaskParameter.EXAMPLES, value);
    Map<String, List<String>> examples = new LinkedHashMap<>();
    for (int i = 0; i < entries.keys.numElements(); i++) {
      examples.put(
          entries.keys.getUTF8String(i).toString(), answer(entries.values, i, map.valueType()));
    }
    return examples;
  }

  private static List<String> answer(ArrayData values, int index, DataType type) {
    List<String> answer = new ArrayList<>();
    if (values.isNullAt(index)) {
      answer.add(null);
    } else if (isText(type)) {
      UTF8String text = values.getUTF8String(index);
      answer.add(text.toString());
    } else {
      answer.addAll(texts(values.getArray(index)));
    }
    return answer;
  }

  private static boolean isTexts(DataType type) {
    return type instanceof ArrayType array && isText(array.elementType());
  }

  /** Items of an empty array, and nulls alone, have no type. */
  private static boolean isText(DataType type) {
    return type instanceof StringType || type instanceof NullType;
  }

  private RuntimeException typeOf(TaskParameter parameter, Expression value, String expected) {
    return FunctionErrors.argumentType(
        function, parameter.argumentName(), value.dataType(), expected);
  }
}
