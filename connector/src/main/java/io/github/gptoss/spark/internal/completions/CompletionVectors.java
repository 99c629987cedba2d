package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import io.github.gptoss.spark.internal.arrow.ArrowFields;
import io.github.gptoss.spark.internal.arrow.RowVectors;
import io.github.gptoss.spark.internal.arrow.TokenLists;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
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
  private final Fields<GenerationResult> fields;
  private final List<BiFunction<ToolRounds, Said, Object>> ofTurn;
  private final Fields<Usage> usage;

  /** Null, as the next two, where the rows are samples. */
  private final ListVector choices;

  private final List<FieldVector> choiceFields;
  private final Float8Vector voteShares;
  private final ListVector promptTokens;
  private final VarCharVector finishReasons;
  private final VarCharVector errorCodes;
  private final VarCharVector responses;
  private final VarCharVector parsed;
  private final ListVector toolCalls;
  private final VarCharVector reasonings;
  private final VarCharVector commentaries;
  private final BitVector salvaged;
  private final IntVector toolRounds;
  private final ListVector completionTokens;
  private final Float8Vector confidences;
  private final VarCharVector efforts;
  private final IntVector inputTokens;
  private final IntVector outputTokens;
  private final IntVector reasoningTokens;
  private final IntVector cachedTokens;
  private final ArrowColumnVector column;

  /** Vectors that rows were copied from, and those of them that are this object's fields. */
  private CompletionVectors source;

  private List<FieldVector> sourceFields;
  private int rows;
  private long bytes;

  /** Where a completion is. */
  public record At(CompletionVectors vectors, int row) {
    private FieldVector field(String name) {
      return vectors.completions.getChild(name, FieldVector.class);
    }
  }

  /**
   * The fields of a struct and where their values come from, looked up by name once, not for every
   * row.
   */
  private record Fields<T>(
      StructVector struct, List<FieldVector> vectors, List<Function<T, Object>> values) {
    static <T> Fields<T> of(StructVector struct, Map<String, Function<T, Object>> values) {
      List<FieldVector> vectors = struct.getChildrenFromFields();
      return new Fields<>(
          struct, vectors, vectors.stream().map(v -> values.get(v.getName())).toList());
    }
  }

  /**
   * Holds no completions yet.
   *
   * @param includeTokens whether rows have token ids
   */
  public CompletionVectors(boolean includeTokens, BufferAllocator allocator) {
    this(ArrowFields.of("completion", CompletionSchema.completion(includeTokens), true), allocator);
  }

  private CompletionVectors(Field field, BufferAllocator allocator) {
    this((StructVector) field.createVector(allocator), 0);
    completions.setInitialCapacity(INITIAL_ROWS);
  }

  /**
   * Holds no completions yet, and will hold samples: each is a completion without {@code choices}
   * and {@code vote_share}, which it has none of.
   *
   * @param includeTokens whether rows have token ids
   */
  public static CompletionVectors ofSamples(boolean includeTokens, BufferAllocator allocator) {
    return new CompletionVectors(sampleField("sample", includeTokens), allocator);
  }

  /**
   * Holds completions that were written before.
   *
   * @param completions with the fields of a sample, at least; closed with this
   */
  public CompletionVectors(StructVector completions, int rows) {
    this.completions = completions;
    this.rows = rows;
    fields = Fields.of(completions, CompletionFields.COMPLETION);
    ofTurn = fields.vectors().stream().map(v -> CompletionFields.OF_TURN.get(v.getName())).toList();
    choices = completions.getChild(CompletionSchema.CHOICES, ListVector.class);
    choiceFields =
        choices == null ? null : ((StructVector) choices.getDataVector()).getChildrenFromFields();
    voteShares = completions.getChild(CompletionSchema.VOTE_SHARE, Float8Vector.class);
    promptTokens = (ListVector) completions.getChild(CompletionFields.PROMPT_TOKENS);
    finishReasons = completions.getChild("finish_reason", VarCharVector.class);
    errorCodes = completions.getChild("error_code", VarCharVector.class);
    responses = completions.getChild("response", VarCharVector.class);
    parsed = completions.getChild(CompletionSchema.PARSED, VarCharVector.class);
    toolCalls = completions.getChild("tool_calls", ListVector.class);
    reasonings = completions.getChild("reasoning", VarCharVector.class);
    commentaries = completions.getChild("commentary", VarCharVector.class);
    salvaged = completions.getChild("salvaged", BitVector.class);
    toolRounds = completions.getChild(CompletionFields.TOOL_ROUNDS, IntVector.class);
    completionTokens = (ListVector) completions.getChild("completion_tokens");
    confidences = completions.getChild("confidence", Float8Vector.class);
    efforts = completions.getChild(CompletionFields.REASONING_EFFORT, VarCharVector.class);
    usage = Fields.of(completions.getChild("usage", StructVector.class), CompletionFields.USAGE);
    inputTokens = usage.struct().getChild("input_tokens", IntVector.class);
    outputTokens = usage.struct().getChild("output_tokens", IntVector.class);
    reasoningTokens = usage.struct().getChild("reasoning_tokens", IntVector.class);
    cachedTokens = usage.struct().getChild("cached_tokens", IntVector.class);
    column = new ArrowColumnVector(completions);
  }

  /** The Arrow field of {@link #ofSamples}. */
  public static Field sampleField(String name, boolean includeTokens) {
    return ArrowFields.of(name, CompletionSchema.sample(includeTokens), true);
  }

  /**
   * Appends one row's completion.
   *
   * @param share what is the row's own
   */
  public void append(GenerationResult result, RowShare share) {
    completions.setIndexDefined(rows);
    Said said = Said.of(result);
    for (int i = 0; i < ofTurn.size(); i++) {
      FieldVector vector = fields.vectors().get(i);
      if (ofTurn.get(i) != null) {
        bytes += set(vector, rows, ofTurn.get(i).apply(share.rounds(), said));
      } else {
        Function<GenerationResult, Object> value = fields.values().get(i);
        bytes += set(vector, rows, value == null ? null : value.apply(result));
      }
    }
    endRow(result.usage(), share);
  }

  /**
   * Appends a completion as it is in other vectors, which may have more fields than these; those
   * that they have not are null.
   *
   * @param counted what it took
   */
  public void append(CompletionVectors from, int row, Usage counted, RowShare share) {
    if (from != source) {
      source = from;
      sourceFields =
          fields.vectors().stream()
              .map(field -> from.completions.getChild(field.getName(), FieldVector.class))
              .toList();
    }
    completions.setIndexDefined(rows);
    Said said = share.rounds().areAny() ? from.said(row) : null;
    for (int i = 0; i < sourceFields.size(); i++) {
      FieldVector vector = fields.vectors().get(i);
      bytes +=
          said != null && ofTurn.get(i) != null
              ? set(vector, rows, ofTurn.get(i).apply(share.rounds(), said))
              : copy(sourceFields.get(i), row, vector, rows);
    }
    endRow(counted, share);
  }

  /**
   * Appends the completion of a row that has several samples.
   *
   * @param samples their completions in order, in {@link #ofSamples}'s vectors
   * @param chosen the one that is the row's
   * @param total the tokens of all of them
   * @param voteShare null where there was no vote
   */
  public void append(List<At> samples, int chosen, Usage total, Double voteShare) {
    completions.setIndexDefined(rows);
    for (FieldVector field : fields.vectors()) {
      if (field != choices && field != voteShares) {
        bytes +=
            copy(
                samples.get(chosen).field(field.getName()), samples.get(chosen).row(), field, rows);
      }
    }
    setStruct(usage, rows, total);
    set(voteShares, rows, voteShare);
    int at = choices.startNewValue(rows);
    for (int i = 0; i < samples.size(); i++) {
      bytes += BYTES_PER_ROW + setChoice(at + i, i, samples.get(i));
    }
    choices.endValue(rows, samples.size());
    bytes += BYTES_PER_ROW;
    rows++;
  }

  private long setChoice(int at, int index, At sample) {
    ((StructVector) choices.getDataVector()).setIndexDefined(at);
    long written = 0;
    for (FieldVector field : choiceFields) {
      written +=
          field.getName().equals(CompletionSchema.INDEX)
              ? set(field, at, index)
              : copy(sample.field(field.getName()), sample.row(), field, at);
    }
    return written;
  }

  private void endRow(Usage counted, RowShare share) {
    IntBuffer prompt = share.prompt();
    bytes += set(efforts, rows, share.effort());
    toolRounds.setSafe(rows, share.rounds().count());
    Usage total = RowShare.sum(counted, share.earlier());
    if (!total.equals(usage(rows))) {
      setStruct(usage, rows, total);
    }
    if (prompt != null && promptTokens != null) {
      bytes += (long) Integer.BYTES * prompt.remaining();
      TokenLists.append(promptTokens, rows, prompt);
    }
    bytes += BYTES_PER_ROW;
    rows++;
  }

  /** The bytes that were written beside numbers. */
  private long set(FieldVector vector, int row, Object value) {
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
    } else if (vector instanceof Float8Vector numbers) {
      numbers.setSafe(row, (Double) value);
    } else if (value instanceof Map<?, ?> entries) {
      return setList((ListVector) vector, row, List.copyOf(entries.entrySet()));
    } else if (value instanceof Map.Entry<?, ?> entry) {
      return setEntry((StructVector) vector, row, entry);
    } else if (value instanceof int[] ids) {
      TokenLists.append((ListVector) vector, row, IntBuffer.wrap(ids));
      return (long) Integer.BYTES * ids.length;
    } else if (value instanceof List<?> elements) {
      return setList((ListVector) vector, row, elements);
    } else if (value instanceof Usage counts) {
      return setStruct(usage, row, counts);
    } else if (value instanceof AnsweredCall call) {
      return setStruct(Fields.of((StructVector) vector, CompletionFields.TOOL_CALL), row, call);
    } else {
      throw new IllegalArgumentException("no field holds a " + value.getClass().getSimpleName());
    }
    return 0;
  }

  private <T> long setStruct(Fields<T> fields, int row, T value) {
    fields.struct().setIndexDefined(row);
    long written = 0;
    for (int i = 0; i < fields.vectors().size(); i++) {
      written += set(fields.vectors().get(i), row, fields.values().get(i).apply(value));
    }
    return written;
  }

  private long setEntry(StructVector struct, int row, Map.Entry<?, ?> entry) {
    struct.setIndexDefined(row);
    return set((FieldVector) struct.getVectorById(0), row, entry.getKey())
        + set((FieldVector) struct.getVectorById(1), row, entry.getValue());
  }

  private long setList(ListVector list, int row, List<?> elements) {
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
    if (from == null || from.isNull(fromRow)) {
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

  /** A row's answer; null where it has none. */
  public String response(int row) {
    return text(responses, row);
  }

  /** A row's answer that has its form; null where it has none. */
  public String parsed(int row) {
    return text(parsed, row);
  }

  /** Whether a row has an answer or calls. */
  public boolean isAnswer(int row) {
    boolean isCall = !toolCalls.isNull(row) && !toolCalls.isEmpty(row);
    return isCall || !responses.isNull(row) && !text(responses, row).isBlank();
  }

  /** What a row's generation has of which a turn has the whole. */
  public Said said(int row) {
    List<ToolCall> calls = new ArrayList<>();
    if (!toolCalls.isNull(row)) {
      StructVector of = (StructVector) toolCalls.getDataVector();
      for (int i = toolCalls.getElementStartIndex(row);
          i < toolCalls.getElementEndIndex(row);
          i++) {
        calls.add(
            new ToolCall(
                text(of.getChild("id", VarCharVector.class), i),
                text(of.getChild("name", VarCharVector.class), i),
                text(of.getChild("arguments", VarCharVector.class), i)));
      }
    }
    return new Said(calls, text(reasonings, row), text(commentaries, row), salvaged.get(row) == 1);
  }

  /**
   * A row's generated ids.
   *
   * @throws IllegalStateException if the vectors have none
   */
  public int[] tokens(int row) {
    if (completionTokens == null) {
      throw new IllegalStateException("these completions are kept without token ids");
    }
    IntBuffer ids = TokenLists.row(completionTokens, row);
    int[] tokens = new int[ids.remaining()];
    ids.get(tokens);
    return tokens;
  }

  /** How sure a row's answer is; null where that is not known. */
  public Double confidence(int row) {
    return confidences.isNull(row) ? null : Double.valueOf(confidences.get(row));
  }

  public String finishReason(int row) {
    return text(finishReasons, row);
  }

  public Usage usage(int row) {
    return new Usage(
        inputTokens.get(row),
        outputTokens.get(row),
        reasoningTokens.get(row),
        cachedTokens.get(row));
  }

  private static String text(VarCharVector texts, int row) {
    return texts.isNull(row) ? null : new String(texts.get(row), StandardCharsets.UTF_8);
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
