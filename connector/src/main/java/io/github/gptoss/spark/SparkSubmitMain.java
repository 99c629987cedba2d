package io.github.gptoss.spark;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import org.apache.spark.deploy.SparkSubmit;

/**
 * Spark's own SparkSubmit, as {@code bin/spark-submit} runs it. The JVM greets every user of the
 * Vector API with a warning that no flag turns off, so the script gives the JVM a filtered standard
 * error and the program the real one as another descriptor.
 */
public final class SparkSubmitMain {
  private static final String DESCRIPTOR_PROPERTY = "gptoss.stderr.fd";

  private SparkSubmitMain() {}

  /** Takes SparkSubmit's arguments. */
  public static void main(String[] args) {
    Integer number = Integer.getInteger(DESCRIPTOR_PROPERTY);
    if (number != null) {
      System.setErr(new PrintStream(new FileOutputStream(descriptor(number)), true));
    }
    SparkSubmit.main(args);
  }

  private static FileDescriptor descriptor(int number) {
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
