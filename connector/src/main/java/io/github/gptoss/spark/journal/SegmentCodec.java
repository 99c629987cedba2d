package io.github.gptoss.spark.journal;

import io.github.gptoss.spark.arrow.ArrowMemory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/**
 * Segments as bytes: one record batch of {@link SegmentVectors#SCHEMA} in Arrow's IPC stream form,
 * inside a {@link SegmentFrame}.
 */
final class SegmentCodec {
  private SegmentCodec() {}

  static byte[] encode(List<JournalEntry> entries) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (BufferAllocator memory = ArrowMemory.newChild("gptoss-journal-write");
        VectorSchemaRoot root = VectorSchemaRoot.create(SegmentVectors.SCHEMA, memory);
        ArrowStreamWriter writer = new ArrowStreamWriter(root, null, content)) {
      new SegmentVectors(root).write(entries);
      writer.writeBatch();
      writer.end();
    }
    return SegmentFrame.wrap(content.toByteArray());
  }

  /**
   * What was encoded.
   *
   * @param row what to make of each row
   * @throws DamagedSegmentException if the bytes are not what {@link #encode} made
   */
  static <T> List<T> decode(byte[] file, BiFunction<SegmentVectors, Integer, T> row)
      throws DamagedSegmentException {
    byte[] content = SegmentFrame.unwrap(file);
    List<T> rows = new ArrayList<>();
    try (BufferAllocator memory = ArrowMemory.newChild("gptoss-journal-read");
        ArrowStreamReader reader =
            new ArrowStreamReader(new ByteArrayInputStream(content), memory)) {
      if (!reader.getVectorSchemaRoot().getSchema().equals(SegmentVectors.SCHEMA)) {
        throw new DamagedSegmentException("no journal segment of this version: other columns");
      }
      while (reader.loadNextBatch()) {
        SegmentVectors vectors = new SegmentVectors(reader.getVectorSchemaRoot());
        for (int i = 0; i < vectors.rows(); i++) {
          rows.add(row.apply(vectors, i));
        }
      }
      return rows;
    } catch (DamagedSegmentException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Its checksum is right: another version wrote it.
      throw new DamagedSegmentException("no journal segment of this version", e);
    }
  }

  static List<JournalEntry> decode(byte[] file) throws DamagedSegmentException {
    return decode(file, (rows, i) -> new JournalEntry(rows.key(i), rows.result(i)));
  }
}
