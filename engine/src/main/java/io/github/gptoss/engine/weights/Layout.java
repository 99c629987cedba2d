package io.github.gptoss.engine.weights;

/** How a checkpoint lies on disk. */
public enum Layout {
  /** transformers' names, one model.safetensors. */
  HUGGING_FACE("Hugging Face"),
  /** transformers' names, several files and model.safetensors.index.json. */
  HUGGING_FACE_SHARDED("Hugging Face, sharded"),
  /** OpenAI's own names, as in the folder {@code original/} of its downloads. */
  ORIGINAL("OpenAI original");

  private final String description;

  Layout(String description) {
    this.description = description;
  }

  public String description() {
    return description;
  }
}
