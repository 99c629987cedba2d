package io.github.gptoss.spark.internal.tools;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * What the tables that tools answer from hold. It travels to executors as bytes, since Spark's
 * serializer may be Kryo, which reads no records.
 *
 * @param lookups by function
 * @param pages null where there is no browser
 */
public record ToolData(HashMap<String, LookupRows> lookups, Pages pages) implements Serializable {
  /** No table. */
  public static final ToolData NONE = new ToolData(new HashMap<>(), null);

  /** By the very array, which the tasks of an executor share as long as its broadcast is there. */
  private static final Map<byte[], ToolData> READ = new WeakHashMap<>();

  /** All of it, by Java's serialization. */
  public byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** What {@link #bytes} were made of; the same object for the same array. */
  public static ToolData of(byte[] bytes) {
    synchronized (READ) {
      return READ.computeIfAbsent(bytes, ToolData::read);
    }
  }

  private static ToolData read(byte[] bytes) {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return (ToolData) in.readObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("the bytes are of another version of this class", e);
    }
  }
}
