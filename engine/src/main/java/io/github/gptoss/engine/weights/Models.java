package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.json.UntrustedText;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What a user may give for a model. */
public final class Models {
  /** The name of the model that is part of this project. */
  public static final String DEMO = "demo";

  private static final Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]+):.*");

  private Models() {}

  /**
   * The checkpoint's folder: {@code demo}, a path, or a {@code file:} URI; fails for any other
   * text. The demo model is unpacked if need be; whether another folder exists is for {@link
   * Checkpoint#open} to say.
   */
  public static Path resolve(String model) {
    if (model.isBlank()) {
      throw new InvalidModelException(
          "no model given. Give the folder of a gpt-oss checkpoint, or " + DEMO + ".");
    }
    if (model.equals(DEMO)) {
      return DemoModel.unpacked();
    }
    try {
      if (!SCHEME.matcher(model).matches()) {
        return Path.of(model);
      }
      URI uri = URI.create(model);
      if ("file".equalsIgnoreCase(uri.getScheme()) && uri.getPath() != null) {
        return Path.of(uri.getPath());
      }
    } catch (InvalidPathException e) {
      throw notAPath(model, e);
    } catch (IllegalArgumentException e) {
      throw notAPath(model, e);
    }
    throw new InvalidModelException(
        UntrustedText.oneLine(model)
            + ": models are read from local folders, not from this kind of address. Download the"
            + " checkpoint to every machine and give its path.");
  }

  private static InvalidModelException notAPath(String model, IllegalArgumentException cause) {
    return new InvalidModelException(
        UntrustedText.oneLine(model) + ": is no path. Give the folder of a gpt-oss checkpoint.",
        cause);
  }
}
