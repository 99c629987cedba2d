package io.github.gptoss.engine.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A safetensors file taken apart without the main code, to be changed and written back. */
final class RawSafetensors {
  private static final ObjectMapper JSON = new ObjectMapper();

  final ObjectNode header;
  byte[] data;

  private RawSafetensors(ObjectNode header, byte[] data) {
    this.header = header;
    this.data = data;
  }

  static RawSafetensors read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    ObjectNode header = (ObjectNode) JSON.readTree(bytes, 8, length);
    return new RawSafetensors(header, Arrays.copyOfRange(bytes, 8 + length, bytes.length));
  }

  ObjectNode entry(String tensor) {
    return (ObjectNode) header.get(tensor);
  }

  int begin(String tensor) {
    return entry(tensor).get("data_offsets").get(0).intValue();
  }

  int end(String tensor) {
    return entry(tensor).get("data_offsets").get(1).intValue();
  }

  /** The tensor whose bytes end the file. */
  String last() {
    return header.properties().stream()
        .map(Map.Entry::getKey)
        .filter(name -> !name.equals("__metadata__"))
        .max(Comparator.comparingInt(this::end))
        .orElseThrow();
  }

  void shape(String tensor, long... sizes) {
    ArrayNode shape = entry(tensor).putArray("shape");
    Arrays.stream(sizes).forEach(shape::add);
  }

  void offsets(String tensor, long begin, long end) {
    entry(tensor).putArray("data_offsets").add(begin).add(end);
  }

  void rename(String from, String to) {
    header.set(to, header.remove(from));
  }

  /** Appends a tensor of zeros. */
  void append(String tensor, String dtype, int bytes, long... shape) {
    header.putObject(tensor).put("dtype", dtype);
    shape(tensor, shape);
    offsets(tensor, data.length, data.length + bytes);
    data = Arrays.copyOf(data, data.length + bytes);
  }

  /** Removes a tensor and its bytes, moving those behind it. */
  void remove(String tensor) {
    int begin = begin(tensor);
    int end = end(tensor);
    header.remove(tensor);
    byte[] rest = new byte[data.length - (end - begin)];
    System.arraycopy(data, 0, rest, 0, begin);
    System.arraycopy(data, end, rest, begin, data.length - end);
    data = rest;
    header
        .properties()
        .forEach(
            e -> {
              if (!e.getKey().equals("__metadata__") && begin(e.getKey()) >= end) {
                offsets(
                    e.getKey(), begin(e.getKey()) - (end - begin), end(e.getKey()) - (end - begin));
              }
            });
  }

  void write(Path file) throws IOException {
    write(file, UnaryOperator.identity());
  }

  /** Writes with a change to the header's text. */
  void write(Path file, UnaryOperator<String> change) throws IOException {
    writeHeader(file, change.apply(JSON.writeValueAsString(header)).getBytes(UTF_8), data);
  }

  static void writeHeader(Path file, byte[] header, byte[] data) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header).put(data);
    Files.write(file, bytes.array());
  }
}
