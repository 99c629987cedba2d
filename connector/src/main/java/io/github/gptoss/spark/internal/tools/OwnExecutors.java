package io.github.gptoss.spark.internal.tools;

import io.github.gptoss.spark.tools.ToolExecutor;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds the executors that a program brings. */
final class OwnExecutors {
  private OwnExecutors() {}

  /**
   * A new executor, not opened yet.
   *
   * @param name of its class; the simple name of one that {@link ServiceLoader} finds
   * @throws io.github.gptoss.engine.error.InvalidConfigException if there is none
   */
  static ToolExecutor named(String name) {
    try {
      return type(name, loader()).getConstructor().newInstance();
    } catch (InvocationTargetException e) {
      throw ToolErrors.noExecutor(name, e.getCause());
    } catch (ReflectiveOperationException
        | ClassCastException
        | LinkageError
        | ServiceConfigurationError e) {
      throw ToolErrors.noExecutor(name, e);
    }
  }

  private static Class<? extends ToolExecutor> type(String name, ClassLoader loader)
      throws ClassNotFoundException {
    List<Class<? extends ToolExecutor>> found =
        ServiceLoader.load(ToolExecutor.class, loader).stream()
            .<Class<? extends ToolExecutor>>map(ServiceLoader.Provider::type)
            .filter(type -> type.getSimpleName().equals(name))
            .toList();
    return found.size() == 1
        ? found.get(0)
        : Class.forName(name, true, loader).asSubclass(ToolExecutor.class);
  }

  /** Spark gives its threads the loader that knows the jars of the application. */
  private static ClassLoader loader() {
    ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
    return ofThread == null ? OwnExecutors.class.getClassLoader() : ofThread;
  }
}
