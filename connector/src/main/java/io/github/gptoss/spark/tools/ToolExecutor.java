package io.github.gptoss.spark.tools;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs functions that the model calls. Option {@code tool_executors} names the executors of a call;
 * by their class's name, or by its simple name where {@link java.util.ServiceLoader} finds it. None
 * is made that no option names. The class has a public constructor without parameters.
 *
 * <p>Each task on an executor of Spark has its own, and calls {@link #execute} from several threads
 * at a time. A call may come again: after a retry, a resumed run, or at another reasoning effort.
 */
public interface ToolExecutor extends AutoCloseable {
  /**
   * Called once, before all else.
   *
   * @param settings what the option says beside the name; values that are no strings are JSON
   * @throws io.github.gptoss.engine.error.InvalidConfigException or another exception, which ends
   *     the task
   */
  default void open(Map<String, String> settings) {}

  /** The functions it runs, as {@link ToolRequest#function} names them; the same at any time. */
  Set<String> functions();

  /** How many calls {@link #execute} is given at a time, at most; asked once, after opening. */
  default int batchCalls() {
    return 64;
  }

  /**
   * Runs calls of any rows. All of them together have the time of option {@code
   * tool_timeout_seconds}; then the thread is interrupted, and their answer is that there was none.
   *
   * @return one for each call, in their order
   * @throws Exception of which the message is the answer to all of the calls
   */
  List<ToolResult> execute(List<ToolRequest> calls) throws Exception;

  /**
   * Called once, when the task has ended; a call may still be under way. Not called where a plan
   * completes rows one by one.
   */
  @Override
  default void close() {}
}
