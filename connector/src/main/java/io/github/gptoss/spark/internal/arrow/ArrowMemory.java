package io.github.gptoss.spark.internal.arrow;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Arrow memory of this JVM. Every task has a child of one root, so that a leak is found where it
 * happened: closing a child that still holds buffers throws.
 */
public final class ArrowMemory {
  private ArrowMemory() {}

  /** Holds the root apart, so that a driver which only plans never loads Arrow. */
  private static final class Root {
    static final RootAllocator ALLOCATOR = new RootAllocator(Long.MAX_VALUE);
  }

  /** A new allocator; the caller closes it. */
  public static BufferAllocator newChild(String name) {
    return Root.ALLOCATOR.newChildAllocator(name, 0, Long.MAX_VALUE);
  }

  /** Bytes held by all children. */
  public static long allocatedBytes() {
    return Root.ALLOCATOR.getAllocatedMemory();
  }
}
