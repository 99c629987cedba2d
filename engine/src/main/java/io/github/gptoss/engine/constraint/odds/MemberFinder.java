package io.github.gptoss.engine.constraint.odds;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Finds where the value of a member begins in a JSON text that is read byte by byte. */
final class MemberFinder {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** An open bracket; the name of the member that is read, of an object. */
  private static final class Level {
    final boolean isObject;
    String name;

    /** Whether a value follows, rather than a name. */
    boolean isValueNext;

    Level(boolean isObject) {
      this.isObject = isObject;
      isValueNext = !isObject;
    }
  }

  private final List<String> path;
  private final List<Level> levels = new ArrayList<>();

  /** The string that is read, from its quotation mark on; null outside strings. */
  private ByteArrayOutputStream string;

  private boolean isEscaped;

  MemberFinder(List<String> path) {
    this.path = path;
  }

  /** The index of the byte with which the value begins; -1 if it does not begin among these. */
  int read(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (begins(bytes[i])) {
        return i;
      }
    }
    return -1;
  }

  private boolean begins(byte b) {
    if (string != null) {
      string.write(b);
      if (isEscaped) {
        isEscaped = false;
      } else if (b == '\\') {
        isEscaped = true;
      } else if (b == '"') {
        endString();
      }
      return false;
    }
    if (b == ' ' || b == '\t' || b == '\n') {
      return false;
    }
    Level level = levels.isEmpty() ? null : levels.get(levels.size() - 1);
    switch (b) {
      case ',' -> level.isValueNext = !level.isObject;
      case ':' -> level.isValueNext = true;
      case '}', ']' -> levels.remove(levels.size() - 1);
      default -> {
        if (isThere(level)) {
          return true;
        }
        if (b == '{' || b == '[') {
          levels.add(new Level(b == '{'));
        } else if (b == '"') {
          string = new ByteArrayOutputStream();
          string.write(b);
        }
      }
    }
    return false;
  }

  /** Whether what begins now is the value. */
  private boolean isThere(Level level) {
    if (level == null || !level.isValueNext || levels.size() != path.size()) {
      return false;
    }
    for (int i = 0; i < path.size(); i++) {
      if (!levels.get(i).isObject || !path.get(i).equals(levels.get(i).name)) {
        return false;
      }
    }
    return true;
  }

  private void endString() {
    Level level = levels.isEmpty() ? null : levels.get(levels.size() - 1);
    if (level != null && level.isObject && !level.isValueNext) {
      level.name = text(string.toString(StandardCharsets.UTF_8));
    }
    string = null;
  }

  /** What a scalar of JSON stands for, as text: numbers and words as they are written. */
  static String text(String scalar) {
    try {
      return scalar.startsWith("\"") ? JSON.readTree(scalar).textValue() : scalar;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a text of the grammar is always JSON", e);
    }
  }
}
