package io.github.gptoss.engine.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a safetensors file whose tensors are known beforehand; their bytes may come in any order
 * and from several threads. Source of the format: the format section of the safetensors README.
 */
public final class SafetensorsWriter implements AutoCloseable {
  private static final int ALIGNMENT = 8;

  /** A tensor to be written, row-major and little endian. */
  public record Entry(String name, DType dtype, List<Long> shape) {
    public long bytes() {
      return shape.stream().reduce((long) dtype.bytes(), Math::multiplyExact);
    }
  }

  private final FileChannel channel;
  private final Map<String, Long> offsets = new HashMap<>();

  /** Creates the file, which must not exist, and writes its header. */
  public SafetensorsWriter(Path file, List<Entry> entries) throws IOException {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    // transformers refuses files that do not say this.
    header.putObject("__metadata__").put("format", "pt");
    long end = 0;
    for (Entry entry : entries) {
      ObjectNode tensor = header.putObject(entry.name()).put("dtype", entry.dtype().name());
      entry.shape().forEach(tensor.withArray("shape")::add);
      offsets.put(entry.name(), end);
      tensor.putArray("data_offsets").add(end).add(end += entry.bytes());
    }
    byte[] json = header.toString().getBytes(UTF_8);
    int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded).put(json);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    offsets.replaceAll((name, offset) -> offset + bytes.capacity());
    channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    write(bytes.flip(), 0);
  }

  /** Writes bytes of a tensor, from {@code byteFrom} of it on. */
  public void write(String tensor, long byteFrom, ByteBuffer bytes) throws IOException {
    write(bytes, offsets.get(tensor) + byteFrom);
  }

  private void write(ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
