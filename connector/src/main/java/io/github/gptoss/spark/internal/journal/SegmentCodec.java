package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.journal.JournalErrors.DamagedSegmentException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.util.TransferPair;

/**
 * Segments as bytes: one record batch of {@link Segment#SCHEMA} in Arrow's IPC stream form, inside
 * a {@link SegmentFrame}.
 */
final class SegmentCodec {
  private SegmentCodec() {}

  static byte[] encode(Segment segment) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (ArrowStreamWriter writer = new ArrowStreamWriter(segment.batch(), null, content)) {
      writer.writeBatch();
      writer.end();
    }
    return SegmentFrame.wrap(content.toByteArray());
  }

  /**
   * What was encoded; the caller closes it.
   *
   * @throws DamagedSegmentException if the bytes are not what {@link #encode} made
   */
  static Segment decode(byte[] file) throws DamagedSegmentException {
    BufferAllocator memory = ArrowMemory.newChild("gptoss-journal");
    boolean decoded = false;
    try (ArrowStreamReader reader = new ArrowStreamReader(SegmentFrame.unwrap(file), memory)) {
      VectorSchemaRoot batch = reader.getVectorSchemaRoot();
      if (!batch.getSchema().equals(Segment.SCHEMA)) {
        throw new DamagedSegmentException("no journal segment of this version: other columns");
      }
      if (!reader.loadNextBatch()) {
        throw new DamagedSegmentException("no journal segment of this version: no rows");
      }
      // Out of the reader's hands, which closes what it holds.
      Segment segment = new Segment(taken(batch, memory), memory);
      decoded = true;
      return segment;
    } catch (DamagedSegmentException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Its checksum is right: another version wrote it.
      throw new DamagedSegmentException("no journal segment of this version", e);
    } finally {
      if (!decoded) {
        memory.close();
      }
    }
  }

  private static VectorSchemaRoot taken(VectorSchemaRoot batch, BufferAllocator memory) {
    return new VectorSchemaRoot(
        batch.getSchema().getFields(),
        batch.getFieldVectors().stream().map(vector -> taken(vector, memory)).toList(),
        batch.getRowCount());
  }

  private static FieldVector taken(FieldVector vector, BufferAllocator memory) {
    TransferPair transfer = vector.getTransferPair(memory);
    transfer.transfer();
    return (FieldVector) transfer.getTo();
  }
}
