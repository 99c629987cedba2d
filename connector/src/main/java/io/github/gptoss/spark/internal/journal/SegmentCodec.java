package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.journal.JournalErrors.DamagedSegmentException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.util.TransferPair;

/**
 * Segments as bytes: record batches of {@link Segment#SCHEMA} in Arrow's IPC stream form, inside a
 * {@link SegmentFrame}. A batch has few rows, so that one completion can be read without the
 * others.
 */
final class SegmentCodec {
  private static final int BLOCK_ROWS = 64;

  /**
   * Where a record batch is.
   *
   * @param offset in the file, in bytes
   * @param crc CRC-32C of its bytes
   */
  record BlockRange(long offset, int bytes, int crc) {}

  /** A record batch that was read, and where it was. */
  record Block(Segment segment, BlockRange range) implements AutoCloseable {
    @Override
    public void close() {
      segment.close();
    }
  }

  private SegmentCodec() {}

  static byte[] encode(Segment segment) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    VectorSchemaRoot all = segment.batch();
    WriteChannel out = new WriteChannel(Channels.newChannel(content));
    MessageSerializer.serialize(out, Segment.SCHEMA);
    int row = 0;
    do {
      int rows = Math.min(BLOCK_ROWS, all.getRowCount() - row);
      if (rows == all.getRowCount()) {
        write(all, out);
      } else {
        try (VectorSchemaRoot block = all.slice(row, rows)) {
          write(block, out);
        }
      }
      row += BLOCK_ROWS;
    } while (row < all.getRowCount());
    ArrowStreamWriter.writeEndOfStream(out, IpcOption.DEFAULT);
    return SegmentFrame.wrap(content.toByteArray());
  }

  private static void write(VectorSchemaRoot block, WriteChannel out) throws IOException {
    try (ArrowRecordBatch batch = new VectorUnloader(block).getRecordBatch()) {
      MessageSerializer.serialize(out, batch);
    }
  }

  /**
   * What was encoded, in order; the caller closes it.
   *
   * @throws DamagedSegmentException if the bytes are not what {@link #encode} made
   */
  static List<Block> decode(byte[] file) throws DamagedSegmentException {
    List<Block> blocks = new ArrayList<>();
    boolean decoded = false;
    try (BufferAllocator memory = ArrowMemory.newChild("gptoss-journal");
        ArrowStreamReader reader = new ArrowStreamReader(SegmentFrame.unwrap(file), memory)) {
      VectorSchemaRoot batch = reader.getVectorSchemaRoot();
      if (!batch.getSchema().equals(Segment.SCHEMA)) {
        throw new DamagedSegmentException("no journal segment of this version: other columns");
      }
      long from = reader.bytesRead();
      while (reader.loadNextBatch()) {
        long to = reader.bytesRead();
        blocks.add(new Block(taken(batch), range(file, from, to)));
        from = to;
      }
      if (blocks.isEmpty()) {
        throw new DamagedSegmentException("no journal segment of this version: no rows");
      }
      decoded = true;
      return blocks;
    } catch (DamagedSegmentException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Its checksum is right: another version wrote it.
      throw new DamagedSegmentException("no journal segment of this version", e);
    } finally {
      if (!decoded) {
        blocks.forEach(Block::close);
      }
    }
  }

  private static BlockRange range(byte[] file, long from, long to) {
    int offset = Math.toIntExact(SegmentFrame.HEAD_BYTES + from);
    int bytes = Math.toIntExact(to - from);
    return new BlockRange(offset, bytes, crc(file, offset, bytes));
  }

  /**
   * One record batch; the caller closes it.
   *
   * @param bytes hold it from {@code at} on
   * @throws DamagedSegmentException if the bytes are others than they were
   */
  static Segment decode(byte[] bytes, int at, BlockRange range) throws DamagedSegmentException {
    if (crc(bytes, at, range.bytes()) != range.crc()) {
      throw new DamagedSegmentException("corrupt: its checksum does not match");
    }
    BufferAllocator memory = ArrowMemory.newChild("gptoss-journal");
    VectorSchemaRoot batch = VectorSchemaRoot.create(Segment.SCHEMA, memory);
    boolean decoded = false;
    try (ReadChannel in =
            new ReadChannel(
                Channels.newChannel(new ByteArrayInputStream(bytes, at, range.bytes())));
        ArrowRecordBatch read = MessageSerializer.deserializeRecordBatch(in, memory)) {
      new VectorLoader(batch).load(read);
      decoded = true;
      return new Segment(batch, memory);
    } catch (IOException | RuntimeException e) {
      throw new DamagedSegmentException("no journal segment of this version", e);
    } finally {
      if (!decoded) {
        batch.close();
        memory.close();
      }
    }
  }

  private static int crc(byte[] bytes, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, at, length);
    return (int) crc.getValue();
  }

  /** The batch, out of its reader's hands, which closes what it holds. */
  private static Segment taken(VectorSchemaRoot batch) {
    BufferAllocator memory = ArrowMemory.newChild("gptoss-journal");
    return new Segment(
        new VectorSchemaRoot(
            batch.getSchema().getFields(),
            batch.getFieldVectors().stream().map(vector -> taken(vector, memory)).toList(),
            batch.getRowCount()),
        memory);
  }

  private static FieldVector taken(FieldVector vector, BufferAllocator memory) {
    TransferPair transfer = vector.getTransferPair(memory);
    transfer.transfer();
    return (FieldVector) transfer.getTo();
  }
}
