package io.github.gptoss.spark;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * A client of a Connect server, on a class path without Spark: runs each line of standard input, a
 * way to ask and what to ask with a bar between, and prints the rows and {@value #END}.
 */
final class ConnectClient {
  static final String END = "END";

  private ConnectClient() {}

  /**
   * @param args the server's port
   */
  @SuppressWarnings("SystemOut") // what the test reads
  public static void main(String[] args) throws Exception {
    SparkSession spark = SparkSession.builder().remote("sc://127.0.0.1:" + args[0]).getOrCreate();
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] parts = line.split("\\|", 2);
        try {
          for (Row row : ask(spark, parts[0], parts[1]).collectAsList()) {
            System.out.println(row);
          }
        } catch (Exception e) {
          System.out.println(e.getMessage());
        }
        System.out.println(END);
      }
    } finally {
      spark.close();
    }
  }

  private static Dataset<Row> ask(SparkSession spark, String way, String what) {
    return switch (way) {
      case "sql" -> spark.sql(what);
      case "expr" -> spark.table("sums").select(functions.expr(what));
      case "selectExpr" -> spark.table("sums").selectExpr(what);
      case "where" -> spark.table("sums").where(what).select("id");
      case "call_function" ->
          spark.table("sums").select(functions.call_function(what, functions.col("question")));
      default -> throw new IllegalArgumentException(way);
    };
  }
}
