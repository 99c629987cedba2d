package io.github.gptoss.engine.json;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;

/** An object has a key twice. */
public final class DuplicateKeyException extends JsonParseException {
  private static final long serialVersionUID = 1L;

  private final String key;

  public DuplicateKeyException(JsonParser json, String key) {
    super(json, "duplicate key");
    this.key = key;
  }

  String key() {
    return key;
  }
}
