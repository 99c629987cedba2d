package io.github.gptoss.spark.internal.arrow;

import java.nio.IntBuffer;
import java.util.function.IntConsumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Token ids of many rows, off-heap: Arrow's list&lt;int32&gt;. A row's ids are given one by one;
 * rows are read as views and cleared together.
 */
public final class TokenVector implements IntConsumer, RowVectors {
  private final ListVector lists;
  private final IntVector ids;
  private int rows;

  /** Where the row that is being written begins and, so far, ends. */
  private int start;

  private int end;

  /** The ids' memory, as much of it as is allocated. */
  private IntBuffer memory = IntBuffer.allocate(0);

  public TokenVector(String name, BufferAllocator allocator) {
    lists = ListVector.empty(name, allocator);
    ids =
        (IntVector)
            lists
                .addOrGetVector(FieldType.notNullable(new ArrowType.Int(Integer.SIZE, true)))
                .getVector();
  }

  /** Adds an id to the row that is being written; invalidates views. */
  @Override
  public void accept(int id) {
    if (end == memory.capacity()) {
      TokenLists.reserve(ids, Math.addExact(end, 1));
      memory = TokenLists.memory(ids);
    }
    memory.put(end++, id);
  }

  /** Ids of the row that is being written. */
  public int openTokens() {
    return end - start;
  }

  /** Begins the row that is being written anew. */
  public void restartRow() {
    end = start;
  }

  /** Ends the row that is being written: the next id begins another one. */
  public void endRow() {
    lists.startNewValue(rows);
    if (end > start) {
      TokenLists.markPresent(ids, start, end - start);
    }
    lists.endValue(rows, end - start);
    start = end;
    rows++;
  }

  @Override
  public int rows() {
    return rows;
  }

  /** Ids of one row, a view of the vector's memory: valid until the next append, clear or close. */
  public IntBuffer row(int row) {
    return TokenLists.row(lists, row);
  }

  /** The Arrow vector, complete up to the last row. */
  public ListVector vector() {
    lists.setLastSet(rows - 1);
    lists.setValueCount(rows);
    return lists;
  }

  @Override
  public void clear() {
    lists.reset();
    rows = 0;
    start = 0;
    end = 0;
  }

  @Override
  public void close() {
    lists.close();
    rows = 0;
    start = 0;
    end = 0;
    memory = IntBuffer.allocate(0);
  }
}
