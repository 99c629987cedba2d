package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import io.github.gptoss.spark.internal.arrow.ArrowFields;
import io.github.gptoss.spark.internal.arrow.RowVectors;
import io.github.gptoss.spark.internal.arrow.TokenLists;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ArrowColumnVector;

/**
 * Completions as one Arrow struct vector whose children are the fields of {@link CompletionSchema}:
 * the form in which they leave Spark's operator and lie in the journal. Belongs to one thread at a
 * time.
 */
public final class CompletionVectors implements RowVectors {
  /** Memory for this many rows is allocated at first. */
  private static final int INITIAL_ROWS = 256;

  /** What a row takes beside its texts and lists: numbers, offsets and bits. */
  private static final int BYTES_PER_ROW = 64;

  private final StructVector completions;
  private final List<FieldVector> fields;
  private final ListVector promptTokens;
  private final VarCharVector finishReasons;
  private final VarCharVector errorCodes;
  private final StructVector usage;
  private final ArrowColumnVector column;
  private int rows;
  private long bytes;

  /**
   * Holds no completions yet.
   *
   * @param includeTokens whether rows have token ids
   */
  public CompletionVectors(boolean includeTokens, BufferAllocator allocator) {
    this((StructVector) field("completion", includeTokens).createVector(allocator), 0);
    completions.setInitialCapacity(INITIAL_ROWS);
  }

  /**
   * Holds completions that were written before.
   *
   * @param completions of {@link #field}'s type; closed with this
   */
  public CompletionVectors(StructVector completions, int rows) {
    this.completions = completions;
    this.rows = rows;
    fields = completions.getChildrenFromFields();
    promptTokens = (ListVector) completions.getChild(CompletionFields.PROMPT_TOKENS);
    finishReasons = completions.getChild("finish_reason", VarCharVector.class);
    errorCodes = completions.getChild("error_code", VarCharVector.class);
    usage = completions.getChild("usage", StructVector.class);
    column = new ArrowColumnVector(completions);
  }

  /** {@link CompletionSchema#completion} as an Arrow field. */
  public static Field field(String name, boolean includeTokens) {
    return ArrowFields.of(name, CompletionSchema.completion(includeTokens), true);
  }

  /**
   * Appends one row's completion.
   *
   * @param prompt the row's prompt ids where they are to be returned, else null
   */
  public void append(GenerationResult result, IntBuffer prompt) {
    bytes += setStruct(completions, fields, rows, result, CompletionFields.COMPLETION);
    endRow(prompt);
  }

  /** Appends a completion as it is in other vectors, which may have more fields than these. */
  public void append(CompletionVectors from, int row, IntBuffer prompt) {
    completions.setIndexDefined(rows);
    for (FieldVector field : fields) {
      bytes +=
          copy(from.completions.getChild(field.getName(), FieldVector.class), row, field, rows);
    }
    endRow(prompt);
  }

  private void endRow(IntBuffer prompt) {
    if (prompt != null && promptTokens != null) {
      bytes += (long) Integer.BYTES * prompt.remaining();
      TokenLists.append(promptTokens, rows, prompt);
    }
    bytes += BYTES_PER_ROW;
    rows++;
  }

  /** The bytes that were written beside numbers. */
  private static long set(FieldVector vector, int row, Object value) {
    if (value == null) {
      vector.setNull(row);
      return 0;
    }
    if (vector instanceof VarCharVector texts) {
      byte[] utf8 = ((String) value).getBytes(StandardCharsets.UTF_8);
      texts.setSafe(row, utf8);
      return utf8.length;
    }
    if (vector instanceof IntVector numbers) {
      numbers.setSafe(row, (Integer) value);
    } else if (vector instanceof BitVector bits) {
      bits.setSafe(row, (Boolean) value ? 1 : 0);
    } else if (value instanceof int[] ids) {
      TokenLists.append((ListVector) vector, row, IntBuffer.wrap(ids));
      return (long) Integer.BYTES * ids.length;
    } else if (value instanceof List<?> elements) {
      return setList((ListVector) vector, row, elements);
    } else if (value instanceof Usage usage) {
      return setStruct((StructVector) vector, row, usage, CompletionFields.USAGE);
    } else if (value instanceof ToolCall call) {
      return setStruct((StructVector) vector, row, call, CompletionFields.TOOL_CALL);
    } else {
      throw new IllegalArgumentException("no field holds a " + value.getClass().getSimpleName());
    }
    return 0;
  }

  private static <T> long setStruct(
      StructVector vector, int row, T value, Map<String, Function<T, Object>> values) {
    return setStruct(vector, vector.getChildrenFromFields(), row, value, values);
  }

  private static <T> long setStruct(
      StructVector vector,
      List<FieldVector> fields,
      int row,
      T value,
      Map<String, Function<T, Object>> values) {
    vector.setIndexDefined(row);
    long bytes = 0;
    for (FieldVector field : fields) {
      bytes += set(field, row, values.get(field.getName()).apply(value));
    }
    return bytes;
  }

  private static long setList(ListVector list, int row, List<?> elements) {
    int at = list.startNewValue(row);
    long bytes = 0;
    for (Object element : elements) {
      bytes += BYTES_PER_ROW + set(list.getDataVector(), at++, element);
    }
    list.endValue(row, elements.size());
    return bytes;
  }

  /** Of Arrow's own copies, those of lists go value by value through readers and writers. */
  private static long copy(FieldVector from, int fromRow, FieldVector to, int toRow) {
    if (from.isNull(fromRow)) {
      to.setNull(toRow);
      return 0;
    }
    if (to instanceof StructVector struct) {
      struct.setIndexDefined(toRow);
      long bytes = 0;
      for (int i = 0; i < struct.size(); i++) {
        bytes +=
            copy(
                (FieldVector) ((StructVector) from).getVectorById(i),
                fromRow,
                (FieldVector) struct.getVectorById(i),
                toRow);
      }
      return bytes;
    }
    if (to instanceof ListVector list) {
      return copyList((ListVector) from, fromRow, list, toRow);
    }
    to.copyFromSafe(fromRow, toRow, from);
    return to instanceof VarCharVector texts ? texts.getValueLength(toRow) : 0;
  }

  private static long copyList(ListVector from, int fromRow, ListVector to, int toRow) {
    if (to.getDataVector() instanceof IntVector) {
      IntBuffer tokens = TokenLists.row(from, fromRow);
      long bytes = (long) Integer.BYTES * tokens.remaining();
      TokenLists.append(to, toRow, tokens);
      return bytes;
    }
    int start = from.getElementStartIndex(fromRow);
    int count = from.getElementEndIndex(fromRow) - start;
    int at = to.startNewValue(toRow);
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += BYTES_PER_ROW + copy(from.getDataVector(), start + i, to.getDataVector(), at + i);
    }
    to.endValue(toRow, count);
    return bytes;
  }

  @Override
  public int rows() {
    return rows;
  }

  /** Bytes of the rows that were appended, roughly. */
  public long bytes() {
    return bytes;
  }

  /**
   * A row as Spark sees it, a view of the vectors' memory. Fields that a reader's type has not are
   * the last ones.
   */
  public InternalRow row(int row) {
    return column.getStruct(row);
  }

  /** Why a row has no answer; null if it has one. */
  public String errorCode(int row) {
    return text(errorCodes, row);
  }

  public String finishReason(int row) {
    return text(finishReasons, row);
  }

  public Usage usage(int row) {
    return new Usage(
        number("input_tokens", row),
        number("output_tokens", row),
        number("reasoning_tokens", row),
        number("cached_tokens", row));
  }

  private static String text(VarCharVector texts, int row) {
    return texts.isNull(row) ? null : new String(texts.get(row), StandardCharsets.UTF_8);
  }

  private int number(String field, int row) {
    return usage.getChild(field, IntVector.class).get(row);
  }

  /** The Arrow vector, complete up to the last row. */
  public StructVector vector() {
    completions.setValueCount(rows);
    return completions;
  }

  @Override
  public void clear() {
    completions.reset();
    rows = 0;
    bytes = 0;
  }

  @Override
  public void close() {
    completions.close();
    rows = 0;
    bytes = 0;
  }
}
