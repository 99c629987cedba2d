package io.github.gptoss.engine.json;

import io.github.gptoss.engine.error.InvalidModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Makes the errors of a model's files. */
public final class FileError {
  private FileError() {}

  /**
   * An error of one line. Paths are shown as {@link UntrustedText#oneLine(Path)} has them, an
   * exception by its {@link StrictJson#reason}; it also becomes the cause.
   */
  // @FormatMethod would need Error Prone's annotations at run time.
  @SuppressWarnings("AnnotateFormatMethod")
  public static InvalidModelException error(String format, Object... arguments) {
    Object[] shown = Arrays.stream(arguments).map(FileError::show).toArray();
    Throwable cause = null;
    for (Object argument : arguments) {
      cause = argument instanceof IOException exception ? exception : cause;
    }
    String message = String.format(format, shown);
    return cause == null
        ? new InvalidModelException(message)
        : new InvalidModelException(message, cause);
  }

  private static Object show(Object argument) {
    if (argument instanceof Path path) {
      return UntrustedText.oneLine(path);
    }
    return argument instanceof IOException cause ? StrictJson.reason(cause) : argument;
  }
}
