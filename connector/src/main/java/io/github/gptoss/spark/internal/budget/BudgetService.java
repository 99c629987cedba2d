package io.github.gptoss.spark.internal.budget;

import io.github.gptoss.engine.error.GptOssException;
import java.lang.ref.WeakReference;
import org.apache.spark.SparkEnv;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.rpc.ThreadSafeRpcEndpoint;
import org.apache.spark.util.RpcUtils;
import scala.PartialFunction;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/**
 * The driver's accounts, as executors reach them: by an endpoint of Spark's own RPC, since the
 * plugin's messages are there only where the plugin is configured. Messages are arrays of strings
 * and numbers: Spark reads them with a class loader that need not know the connector, which may be
 * a library of a session.
 */
public final class BudgetService {
  private static final String NAME = "gptoss-budget";
  private static final ClassTag<long[]> NUMBERS = ClassTag$.MODULE$.apply(long[].class);

  /** Of the driver; a JVM may have several Spark contexts, one after another. */
  private static WeakReference<RpcEnv> served = new WeakReference<>(null);

  private record Client(RpcEnv env, RpcEndpointRef driver) {}

  private static Client client;

  private BudgetService() {}

  /** On the driver, before tasks ask: opens the book, where it is not open. */
  public static synchronized void serve() {
    RpcEnv env = SparkEnv.get().rpcEnv();
    if (served.get() == env) {
      return;
    }
    try {
      env.setupEndpoint(NAME, new Endpoint(env, new BudgetAccounts()));
    } catch (IllegalArgumentException e) {
      // The connector is loaded twice, and the book is open: both understand each other.
    }
    served = new WeakReference<>(env);
  }

  /** On the driver: begins to count an account's time. */
  public static void open(String account) {
    claim(BudgetAccounts.Claim.question(account));
  }

  /** Tokens of an account that are spent, as far as executors have said. */
  public static long spent(String account) {
    return claim(BudgetAccounts.Claim.question(account)).spent();
  }

  /**
   * As {@link BudgetAccounts#claim}, from any JVM of the application.
   *
   * @throws GptOssException if the driver does not answer
   */
  static BudgetAccounts.Grant claim(BudgetAccounts.Claim claim) {
    try {
      long[] answer = driver().askSync(message(claim), NUMBERS);
      return new BudgetAccounts.Grant(answer[0], answer[1], answer[2]);
    } catch (RuntimeException e) {
      throw unreachable(e);
    } catch (Exception e) {
      // Spark's checked exceptions, which its methods do not declare.
      throw unreachable(e);
    }
  }

  private static GptOssException unreachable(Exception cause) {
    return new GptOssException(
        ("the account of token_budget and time_budget, which the driver keeps, does not answer (%s):"
                + " see in the driver's log what became of it, or run without these options")
            .formatted(cause),
        cause);
  }

  private static synchronized RpcEndpointRef driver() {
    SparkEnv spark = SparkEnv.get();
    if (client == null || client.env() != spark.rpcEnv()) {
      client =
          new Client(spark.rpcEnv(), RpcUtils.makeDriverRef(NAME, spark.conf(), spark.rpcEnv()));
    }
    return client.driver();
  }

  private static Object[] message(BudgetAccounts.Claim claim) {
    return new Object[] {
      claim.account(),
      claim.holder(),
      new long[] {claim.budget(), claim.spent(), claim.held(), claim.least(), claim.wanted()}
    };
  }

  private static BudgetAccounts.Claim claim(Object[] message) {
    long[] numbers = (long[]) message[2];
    return new BudgetAccounts.Claim(
        (String) message[0],
        (String) message[1],
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4]);
  }

  private record Endpoint(RpcEnv rpcEnv, BudgetAccounts accounts) implements ThreadSafeRpcEndpoint {
    @Override
    public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext context) {
      return new AbstractPartialFunction<>() {
        @Override
        public boolean isDefinedAt(Object message) {
          return message instanceof Object[];
        }

        @Override
        public BoxedUnit apply(Object message) {
          BudgetAccounts.Grant grant = accounts.claim(claim((Object[]) message), System.nanoTime());
          context.reply(new long[] {grant.tokens(), grant.spent(), grant.elapsedMillis()});
          return BoxedUnit.UNIT;
        }
      };
    }
  }
}
