package io.github.gptoss.cli;

import java.io.FileDescriptor;
import java.lang.reflect.Constructor;

/**
 * Finds standard error. The JVM greets every user of the Vector API with a warning that no flag
 * turns off, so {@code bin/gptoss} gives the JVM a filtered standard error and us the real one as
 * another descriptor, to which everything of ours goes directly and in order.
 */
final class StandardError {
  private static final String PROPERTY = "gptoss.stderr.fd";

  private StandardError() {}

  static FileDescriptor descriptor() {
    Integer number = Integer.getInteger(PROPERTY);
    if (number == null) {
      return FileDescriptor.err;
    }
    try {
      Constructor<FileDescriptor> constructor =
          FileDescriptor.class.getDeclaredConstructor(int.class);
      constructor.setAccessible(true);
      return constructor.newInstance(number);
    } catch (ReflectiveOperationException | RuntimeException e) {
      // A JDK without this constructor: the filtered descriptor carries the same lines.
      return FileDescriptor.err;
    }
  }
}
