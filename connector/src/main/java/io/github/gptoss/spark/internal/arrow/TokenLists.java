package io.github.gptoss.spark.internal.arrow;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.complex.ListVector;

/** Rows of token ids in Arrow's list&lt;int32&gt;, written and read as blocks of memory. */
public final class TokenLists {
  private TokenLists() {}

  /** Writes the row behind the last one; it moves the memory that earlier views show. */
  public static void append(ListVector lists, int row, IntBuffer tokens) {
    IntVector ids = (IntVector) lists.getDataVector();
    int start = lists.startNewValue(row);
    int count = tokens.remaining();
    reserve(ids, Math.addExact(start, count));
    if (count > 0) {
      view(ids, start, count).put(tokens);
      markPresent(ids, start, count);
    }
    lists.endValue(row, count);
  }

  static void reserve(IntVector ids, int count) {
    while (ids.getValueCapacity() < count) {
      ids.reAlloc();
    }
  }

  static void markPresent(IntVector ids, int start, int count) {
    // No id is null, so that bits behind the last one may be set too: they are of ids to come.
    long firstByte = start / Byte.SIZE;
    long endByte = ((long) start + count + Byte.SIZE - 1) / Byte.SIZE;
    ids.getValidityBuffer().setOne(firstByte, endByte - firstByte);
  }

  /** A view of a row, valid until another row is written or the vector is cleared or closed. */
  public static IntBuffer row(ListVector lists, int row) {
    int start = lists.getElementStartIndex(row);
    return view((IntVector) lists.getDataVector(), start, lists.getElementEndIndex(row) - start);
  }

  /** A view of all the memory that is allocated, valid until more is reserved. */
  static IntBuffer memory(IntVector ids) {
    return view(ids, 0, ids.getValueCapacity());
  }

  private static IntBuffer view(IntVector ids, int start, int count) {
    return ids.getDataBuffer()
        .nioBuffer((long) start * Integer.BYTES, Math.multiplyExact(count, Integer.BYTES))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer();
  }
}
