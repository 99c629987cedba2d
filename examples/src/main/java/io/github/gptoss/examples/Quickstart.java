package io.github.gptoss.examples;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;

import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Completes a table of conversations, writes a Delta table and shows some of it. The conversations
 * are of four tasks (arithmetic, capitals, tickets to JSON, weather by a tool) at three reasoning
 * efforts, which is what the demo model was trained on. Some tickets are then routed under a
 * schema, into typed columns. Arguments: input JSON lines, output folder, model.
 */
public final class Quickstart {
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private Quickstart() {}

  public static void main(String[] args) {
    if (args.length != 3) {
      System.err.println("usage: Quickstart INPUT.jsonl OUTPUT_FOLDER MODEL_FOLDER|demo");
      System.exit(2);
    }
    SparkSession spark = SparkSession.builder().appName("gptoss-quickstart").getOrCreate();
    try {
      new Quickstart().run(spark, args[0], args[1], args[2]);
    } finally {
      spark.stop();
    }
  }

  private void run(SparkSession spark, String input, String output, String model) {
    Dataset<Row> conversations =
        spark
            .read()
            .schema(
                "id STRING, task STRING, reasoning_effort STRING, question STRING, messages STRING,"
                    + " expected STRING")
            .json(input);

    // These lines are all it takes.
    Dataset<Row> answers =
        GptOss.complete(conversations, GptOssOptions.create().model(model).messagesCol("messages"));
    answers.write().format("delta").mode("overwrite").save(output);

    Dataset<Row> table =
        spark
            .read()
            .format("delta")
            .load(output)
            .withColumn(
                "answer",
                expr(
                    "IF(size(completion.tool_calls) > 0, completion.tool_calls[0].arguments,"
                        + " completion.response)"))
            .withColumn("is_right", col("answer").equalTo(col("expected")))
            .cache();
    printSample(table);
    printAccuracy(table);
    printTickets(conversations.where("id LIKE 'ticket-low-00%'"), model);
  }

  /** One row of each task and effort. */
  private void printSample(Dataset<Row> table) {
    List<Row> sample =
        table.where("id LIKE '%-003'").orderBy("task", "reasoning_effort").collectAsList();
    for (Row row : sample) {
      Row completion = row.getAs("completion");
      Row usage = completion.getAs("usage");
      out.printf("%n%s, %s effort%n", row.getAs("task"), row.getAs("reasoning_effort"));
      print("question", row.getAs("question"));
      print("reasoning", completion.getAs("reasoning"));
      print("answer", completion.getAs("response"));
      for (Row call : completion.<Row>getList(completion.fieldIndex("tool_calls"))) {
        print("tool call", call.getAs("name") + "(" + call.getAs("arguments") + ")");
      }
      print("error", completion.getAs("error_message"));
      print(
          "tokens",
          usage.getAs("input_tokens")
              + " in, "
              + usage.getAs("output_tokens")
              + " out, of which "
              + usage.getAs("reasoning_tokens")
              + " reasoning");
    }
  }

  private void print(String name, String text) {
    if (text != null && !text.isEmpty()) {
      out.printf("  %-10s %s%n", name, text);
    }
  }

  private void printAccuracy(Dataset<Row> table) {
    out.printf("%nRight answers (of the rows of a task and effort)%n");
    List<Row> cells =
        table
            .groupBy("task", "reasoning_effort")
            .agg(
                expr("count_if(is_right)").as("right"),
                count("*").as("rows"),
                expr("avg(completion.usage.output_tokens)").as("tokens"))
            .orderBy("task", "reasoning_effort")
            .collectAsList();
    for (Row cell : cells) {
      out.printf(
          "  %-11s %-7s %3d of %3d, %5.1f tokens a row%n",
          cell.getAs("task"),
          cell.getAs("reasoning_effort"),
          cell.<Long>getAs("right"),
          cell.<Long>getAs("rows"),
          cell.<Double>getAs("tokens"));
    }
  }

  /** Some tickets once more: their schema is an option now, so the answers are typed columns. */
  private void printTickets(Dataset<Row> tickets, String model) {
    GptOssOptions options =
        GptOssOptions.create()
            .model(model)
            .promptCol("question")
            .developerPrompt("Route the support ticket.")
            .responseFormat(Classification.TICKET)
            .choiceProbabilities("[\"category\", \"urgency\"]")
            .reasoningEffort("low");
    Dataset<Row> routed =
        GptOss.complete(tickets, options)
            .selectExpr("id", "question", "completion.parsed.*", "completion.confidence");
    out.printf("%nTickets as columns: category, urgency, confidence%n");
    for (Row ticket : routed.orderBy("id").collectAsList()) {
      out.printf(
          "  %-9s  %-6s  %.2f  %s%n",
          ticket.getAs("category"),
          ticket.getAs("urgency"),
          ticket.<Double>getAs("confidence"),
          ticket.getAs("question"));
    }
  }
}
