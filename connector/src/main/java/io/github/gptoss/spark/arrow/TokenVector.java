package io.github.gptoss.spark.arrow;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Token ids of many rows, off-heap: Arrow's list&lt;int32&gt;. Rows are appended, read as views,
 * and cleared together.
 */
public final class TokenVector implements AutoCloseable {
  private final ListVector lists;
  private final IntVector ids;
  private int rows;
  private int length;

  public TokenVector(String name, BufferAllocator allocator) {
    lists = ListVector.empty(name, allocator);
    ids =
        (IntVector)
            lists
                .addOrGetVector(FieldType.notNullable(new ArrowType.Int(Integer.SIZE, true)))
                .getVector();
  }

  /** Appends a row. Views taken before are invalid afterwards, since the memory may move. */
  public void append(int[] tokens) {
    int end = Math.addExact(length, tokens.length);
    while (ids.getValueCapacity() < end) {
      ids.reAlloc();
    }
    lists.startNewValue(rows);
    if (tokens.length > 0) {
      ints(length, tokens.length).put(tokens);
    }
    lists.endValue(rows, tokens.length);
    length = end;
    rows++;
  }

  /** The number of rows. */
  public int rows() {
    return rows;
  }

  /** Ids of one row, a view of the vector's memory: valid until the next append, clear or close. */
  public IntBuffer row(int row) {
    int start = lists.getElementStartIndex(row);
    return ints(start, lists.getElementEndIndex(row) - start);
  }

  private IntBuffer ints(int start, int count) {
    ArrowBuf memory = ids.getDataBuffer();
    return memory
        .nioBuffer((long) start * Integer.BYTES, Math.multiplyExact(count, Integer.BYTES))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer();
  }

  /** The Arrow vector, complete up to the last row. */
  public ListVector vector() {
    // The ids were written past the vector's own setters, which would have marked them as present.
    for (int i = 0; i < length; i++) {
      ids.setIndexDefined(i);
    }
    ids.setValueCount(length);
    lists.setLastSet(rows - 1);
    lists.setValueCount(rows);
    return lists;
  }

  /** Drops the rows and keeps the memory. */
  public void clear() {
    lists.reset();
    rows = 0;
    length = 0;
  }

  @Override
  public void close() {
    lists.close();
    rows = 0;
    length = 0;
  }
}
