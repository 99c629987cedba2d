package io.github.gptoss.engine.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.json.DuplicateKeyException;
import io.github.gptoss.engine.json.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads a safetensors header from a stream, token by token: what it costs is bounded by the number
 * of tensors, which is bounded too, whatever numbers the header holds.
 */
final class HeaderParser {
  private static final JsonFactory FACTORY = StrictJson.factory();
  private static final String METADATA = "__metadata__";
  private static final int MAX_TENSORS = 100_000;
  private static final int MAX_RANK = 8;

  private final StoredFile file;
  private final JsonParser json;
  private final long dataFrom;

  private HeaderParser(StoredFile file, JsonParser json, long dataFrom) {
    this.file = file;
    this.json = json;
    this.dataFrom = dataFrom;
  }

  /** Reads exactly the header's bytes; the tensors' begin at dataFrom in the file. */
  static List<StoredTensor> parse(StoredFile file, InputStream header, long dataFrom)
      throws IOException {
    try (JsonParser json = FACTORY.createParser(header)) {
      return new HeaderParser(file, json, dataFrom).tensors();
    } catch (JsonProcessingException e) {
      throw SafetensorsErrors.headerNotJson(file.path(), e);
    }
  }

  private List<StoredTensor> tensors() throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw SafetensorsErrors.headerNotObject(file.path());
    }
    List<StoredTensor> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = once(names);
      json.nextToken();
      if (name.equals(METADATA)) {
        metadata();
        continue;
      }
      if (tensors.size() == MAX_TENSORS) {
        throw SafetensorsErrors.tooManyTensors(file.path(), MAX_TENSORS);
      }
      tensors.add(tensor(name));
    }
    if (json.nextToken() != null) {
      throw SafetensorsErrors.headerTrailing(file.path());
    }
    return tensors;
  }

  /** The current key, which must not have been there before. */
  private String once(Set<String> keys) throws IOException {
    if (!keys.add(json.currentName())) {
      throw new DuplicateKeyException(json, json.currentName());
    }
    return json.currentName();
  }

  private void metadata() throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    boolean isObject = json.currentToken() == JsonToken.START_OBJECT;
    while (isObject && json.nextToken() == JsonToken.FIELD_NAME) {
      isObject = json.nextToken() == JsonToken.VALUE_STRING;
    }
    if (!isObject) {
      throw SafetensorsErrors.metadata(file.path());
    }
  }

  private StoredTensor tensor(String name) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw entry(name, "is no JSON object");
    }
    DType dtype = null;
    long[] shape = null;
    long[] offsets = null;
    Set<String> keys = new HashSet<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = once(keys);
      json.nextToken();
      switch (key) {
        case "dtype" -> dtype = dtype(name);
        case "shape" -> shape = sizes(name, key, MAX_RANK);
        case "data_offsets" -> offsets = sizes(name, key, 2);
        default -> json.skipChildren();
      }
    }
    if (dtype == null) {
      throw entry(name, "has no 'dtype'");
    }
    if (shape == null) {
      throw entry(name, "has no 'shape'");
    }
    if (offsets == null || offsets.length != 2) {
      throw entry(name, "has no 'data_offsets' of two numbers, [begin, end]");
    }
    return place(name, dtype, shape, offsets[0], offsets[1]);
  }

  private StoredTensor place(String name, DType dtype, long[] shape, long begin, long end) {
    if (end < begin) {
      throw entry(
          name, "has data_offsets [" + begin + ", " + end + "], which end before they begin");
    }
    long bytes = bytes(name, dtype, shape);
    if (end - begin != bytes) {
      throw SafetensorsErrors.size(file.path(), name, dtype, shape, bytes, end - begin);
    }
    long dataBytes = file.bytes() - dataFrom;
    if (end > dataBytes) {
      throw SafetensorsErrors.beyondFile(file.path(), name, begin, end, dataBytes);
    }
    return new StoredTensor(file, name, dtype, shape, dataFrom + begin, bytes);
  }

  private long bytes(String name, DType dtype, long[] shape) {
    long bytes = dtype.bytes();
    try {
      for (long size : shape) {
        bytes = Math.multiplyExact(bytes, size);
      }
      return bytes;
    } catch (ArithmeticException e) {
      throw entry(name, "has shape " + Arrays.toString(shape) + ", whose size overflows 64 bits");
    }
  }

  private InvalidModelException entry(String name, String problem) {
    return SafetensorsErrors.entry(file.path(), name, problem);
  }

  private DType dtype(String name) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw entry(name, "has a 'dtype' that is no string");
    }
    String text = json.getText();
    return DType.named(text).orElseThrow(() -> SafetensorsErrors.dtype(file.path(), name, text));
  }

  /** An array of at most {@code max} integers that are not negative. */
  private long[] sizes(String name, String key, int max) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw entry(name, "has a '" + key + "' that is no array");
    }
    long[] sizes = new long[max];
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw entry(name, "has a '" + key + "' with an element that is no integer");
      }
      if (count == max) {
        throw entry(name, "has a '" + key + "' of more than " + max + " numbers");
      }
      if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
        throw entry(
            name,
            "has a '" + key + "' with " + json.getText() + ", expected 0 to 9223372036854775807");
      }
      sizes[count++] = json.getLongValue();
    }
    return Arrays.copyOf(sizes, count);
  }
}
