package io.github.gptoss.spark.internal.options;

import io.github.gptoss.engine.error.GptOssException;
import java.util.function.Supplier;
import org.apache.spark.QueryContext;
import org.apache.spark.SparkRuntimeException;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.trees.CurrentOrigin;
import org.apache.spark.sql.catalyst.trees.Origin;
import scala.Option;
import scala.collection.immutable.Map;
import scala.collection.immutable.Map$;

/**
 * Turns faults into the exceptions that Spark's users expect of a query: SQL shells, PySpark and
 * Spark Connect show their condition, SQLSTATE and place, where they would show the frames of the
 * JVM for any other exception. The fault itself is the cause.
 *
 * <p>The place is in the message, and there is no query context: PySpark 4.0 to 4.3 asks Spark for
 * the text of the condition of every exception that has one, and Spark knows its own conditions
 * only, so that the user would be shown an internal error instead.
 */
public final class SparkFaults {
  private static final QueryContext[] NO_CONTEXT = {};

  private SparkFaults() {}

  /**
   * Does what Spark, or a user's program, asks for before a query runs. As Spark's own methods do,
   * this throws a checked exception that it does not declare.
   *
   * @throws AnalysisException in the place of a {@link GptOssException}
   */
  public static <T> T analysed(Supplier<T> work) {
    try {
      return work.get();
    } catch (GptOssException e) {
      throw refusal(e);
    }
  }

  /**
   * Refuses what Spark asks for before a query runs.
   *
   * @return nothing, so that callers can write {@code throw}
   * @throws AnalysisException always, undeclared as in {@link #analysed}
   */
  public static RuntimeException refusal(GptOssException fault) {
    throw SparkFaults.<RuntimeException>undeclared(new Analysis(fault, CurrentOrigin.get()));
  }

  /**
   * Does a part of a task.
   *
   * @param place of the call in its query, from {@link #place}; empty where no text contains it
   * @throws SparkRuntimeException in the place of a {@link GptOssException}
   */
  public static <T> T inTask(String place, Supplier<T> work) {
    try {
      return work.get();
    } catch (GptOssException e) {
      throw new Task(e, place);
    }
  }

  /** The place of a call, as Spark adds it to the message of an analysis. */
  public static String place(Origin origin) {
    return origin.line().isEmpty() || origin.startPosition().isEmpty()
        ? ""
        : "; line %s pos %s".formatted(origin.line().get(), origin.startPosition().get());
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Exception> E undeclared(Exception e) throws E {
    throw (E) e;
  }

  private static Map<String, String> parameters(String name, GptOssException fault) {
    return Map$.MODULE$.<String, String>empty().updated(name, fault.getMessage());
  }

  private static final class Analysis extends AnalysisException {
    private static final long serialVersionUID = 1L;

    private final GptOssException fault;
    private final Condition condition;

    Analysis(GptOssException fault, Origin origin) {
      super(
          Condition.of(fault).message(fault.getMessage()),
          origin.line(),
          origin.startPosition(),
          Option.apply(fault),
          Option.apply(Condition.of(fault).name()),
          parameters("message", fault),
          NO_CONTEXT);
      this.fault = fault;
      condition = Condition.of(fault);
    }

    @Override
    public String getSqlState() {
      return condition.sqlState();
    }

    /** Spark's own copies the message into an exception that has no SQLSTATE. */
    @Override
    public AnalysisException withPosition(Origin origin) {
      Analysis placed = new Analysis(fault, origin);
      placed.setStackTrace(getStackTrace());
      return placed;
    }
  }

  private static final class Task extends SparkRuntimeException {
    private static final long serialVersionUID = 1L;

    private final Condition condition;
    private final String message;

    /**
     * Spark knows the text of its own conditions only, so that one of those is its superclass's.
     */
    Task(GptOssException fault, String place) {
      super("USER_RAISED_EXCEPTION", parameters("errorMessage", fault), fault, NO_CONTEXT, "");
      condition = Condition.of(fault);
      message = condition.message(fault.getMessage()) + place;
    }

    @Override
    public String getMessage() {
      return message;
    }

    @Override
    public String getCondition() {
      return condition.name();
    }

    @Override
    public String getErrorClass() {
      return condition.name();
    }

    @Override
    public String getSqlState() {
      return condition.sqlState();
    }
  }
}
