package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Writes a safetensors file of float32 tensors, whose rows may come in any order. The file appears
 * whole, by a rename, or not at all. Format: 8 bytes header length (little endian), a JSON header,
 * the data.
 */
final class FloatTensorFile implements AutoCloseable {
  private static final int ALIGNMENT = 8;

  /**
   * @param shape the last dimension is a row's width
   */
  record Tensor(String name, List<Long> shape) {
    long elements() {
      long elements = 1;
      for (long size : shape) {
        elements = Math.multiplyExact(elements, size);
      }
      return elements;
    }
  }

  private final Path file;
  private final Path partial;
  private final FileChannel channel;
  private final long[] offsets; // byte where each tensor's data begins
  private ByteBuffer rowBytes = ByteBuffer.allocateDirect(0);

  private FloatTensorFile(Path file, Path partial, FileChannel channel, long[] offsets) {
    this.file = file;
    this.partial = partial;
    this.channel = channel;
    this.offsets = offsets;
  }

  /**
   * Checks that the file can be written, before work is done for it.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if it cannot
   */
  static void check(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw CliErrors.cannotWrite(file, "it is a folder");
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw CliErrors.cannotWrite(file, "its folder does not exist");
    }
    if (!Files.isWritable(folder)) {
      throw CliErrors.cannotWrite(file, "its folder is not writable");
    }
  }

  /**
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the file cannot be created
   */
  static FloatTensorFile create(Path file, List<Tensor> tensors) {
    check(file);
    ObjectNode header = Json.object();
    long[] offsets = new long[tensors.size()];
    long end = 0;
    for (int i = 0; i < offsets.length; i++) {
      Tensor tensor = tensors.get(i);
      offsets[i] = end;
      end = Math.addExact(end, Math.multiplyExact(tensor.elements(), Float.BYTES));
      ObjectNode entry = header.putObject(tensor.name()).put("dtype", "F32");
      ArrayNode shape = entry.putArray("shape");
      for (long size : tensor.shape()) {
        shape.add(size);
      }
      entry.putArray("data_offsets").add(offsets[i]).add(end);
    }
    String text = Json.text(header);
    int padding = Math.floorMod(-text.length(), ALIGNMENT);
    byte[] headerBytes = (text + " ".repeat(padding)).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] += Long.BYTES + headerBytes.length;
    }
    return create(file, headerBytes, offsets);
  }

  private static FloatTensorFile create(Path file, byte[] header, long[] offsets) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      Path partial = Files.createTempFile(folder, "." + file.getFileName(), ".partial");
      FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE);
      FloatTensorFile created = new FloatTensorFile(file, partial, channel, offsets);
      ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + header.length);
      bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).flip();
      created.write(bytes, 0);
      return created;
    } catch (IOException e) {
      throw CliErrors.cannotWrite(file, CliErrors.reason(e));
    }
  }

  /**
   * @param tensor index of the tensor
   * @param row index over all dimensions but the last
   */
  void write(int tensor, long row, float[] values) {
    int bytes = values.length * Float.BYTES;
    if (rowBytes.capacity() < bytes) {
      rowBytes = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
    rowBytes.clear().limit(bytes);
    rowBytes.asFloatBuffer().put(values);
    write(rowBytes, offsets[tensor] + row * bytes);
  }

  private void write(ByteBuffer bytes, long at) {
    try {
      long position = at;
      while (bytes.hasRemaining()) {
        position += channel.write(bytes, position);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** Puts the file in its place. */
  void commit() {
    try {
      channel.close();
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be put in place: " + e.getMessage(), e);
    }
  }

  /** Drops what was not committed. */
  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      throw new UncheckedIOException(partial + " cannot be removed: " + e.getMessage(), e);
    }
  }
}
