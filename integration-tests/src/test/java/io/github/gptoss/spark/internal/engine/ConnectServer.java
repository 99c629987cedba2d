package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.spark.Sessions;
import io.github.gptoss.spark.internal.sql.Rowwise;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark Connect server in a process of its own, with the demo model. Prints its port, then for
 * each line of standard input the rows generated since the one before and why calls were not
 * batched; ends with its input.
 */
public final class ConnectServer {
  private ConnectServer() {}

  @SuppressWarnings("SystemOut") // what the test reads
  public static void main(String[] args) throws Exception {
    AtomicInteger generated = new AtomicInteger();
    Engines.observe(generated::incrementAndGet);
    SparkSession spark =
        Sessions.builder("local[2]")
            .config("spark.gptoss.model", "demo")
            .config("spark.plugins", "org.apache.spark.sql.connect.SparkConnectPlugin")
            .config("spark.connect.grpc.binding.address", "127.0.0.1")
            .config("spark.connect.grpc.binding.port", "0")
            .getOrCreate();
    System.out.println(port());
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      while (in.readLine() != null) {
        System.out.println(generated.getAndSet(0) + " " + Rowwise.reasons());
        Rowwise.forget();
      }
    } finally {
      spark.stop();
    }
  }

  /** The server's classes are there at run time only. */
  private static int port() throws IOException {
    try {
      Class<?> service = Class.forName("org.apache.spark.sql.connect.service.SparkConnectService$");
      return (int) service.getMethod("localPort").invoke(service.getField("MODULE$").get(null));
    } catch (ReflectiveOperationException e) {
      throw new IOException("no Connect server in this process", e);
    }
  }
}
