package io.github.gptoss.spark.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.gptoss.spark.tools.ToolResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpToolTest {
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private HttpServer server;
  private String base;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    base = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    released.countDown();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI().toASCIIString()
            + " "
            + exchange.getRequestHeaders().getFirst("X-Key")
            + " "
            + body);
    String path = exchange.getRequestURI().getPath();
    int status = path.endsWith("/missing") ? 404 : path.endsWith("/moved") ? 302 : 200;
    if (status == 302) {
      exchange.getResponseHeaders().add("Location", base + "/secret");
    }
    byte[] answer =
        (path.endsWith("/large") ? "x".repeat(101) : "{\"ü\": 1}").getBytes(StandardCharsets.UTF_8);
    if (path.endsWith("/slow")) {
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    exchange.sendResponseHeaders(status, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private HttpTool tool(String url, String more) {
    ToolOptions options =
        ToolOptions.of(
            Calls.options(
                "tool_http",
                "{\"f\": {\"url\": \"" + base + url + "\"" + more + "}}",
                "tool_http_allow",
                base));
    return new HttpTool(options.http(), Duration.ofSeconds(20));
  }

  private ToolResult call(String url, String more, String arguments) throws Exception {
    return Calls.run(tool(url, more), "f", arguments);
  }

  @Test
  void argumentsBecomePartsOfThePathAndTheQuery() throws Exception {
    ToolResult result =
        call(
            "/v1/{city}/now?unit={unit}",
            ", \"headers\": {\"X-Key\": \"k\"}",
            "{\"unit\": \"a&b=c\", \"city\": \"New York\", \"days\": 3}");
    assertThat(result).isEqualTo(ToolResult.of("{\"ü\": 1}"));
    assertThat(asked).containsExactly("GET /v1/New%20York/now?unit=a%26b%3Dc&days=3 k ");
  }

  @Test
  void otherArgumentsAreTheBodyOfAPost() throws Exception {
    assertThat(
            call("/v1/{city}", ", \"method\": \"post\"", "{\"city\": \"Rome\", \"n\": [1]}")
                .value())
        .isEqualTo("{\"ü\": 1}");
    assertThat(asked).containsExactly("POST /v1/Rome null {\"n\":[1]}");
  }

  @Test
  void noArgumentLeadsToAnotherPath() throws Exception {
    for (String city :
        List.of(
            "..",
            ".",
            "a/b",
            "..%2f..%2fadmin",
            "a\\\\b",
            "",
            " ",
            "a\\nb",
            "..;",
            "..;x=1",
            ".;",
            ";x")) {
      assertThat(call("/v1/{city}/x", "", "{\"city\": \"" + city + "\"}").error())
          .as(city)
          .startsWith("argument 'city' must be a text without slashes");
    }
    assertThat(call("/v1/{city}", "", "{}").error()).isEqualTo("argument 'city' is missing");
    assertThat(call("/v1/{city}", "", "{\"city\": {}}").error()).contains("single value");
    assertThat(asked).isEmpty();
  }

  @Test
  void noArgumentIsGivenASecondTimeThatTheAddressFixes() throws Exception {
    for (String name : List.of("account", "Account", "the day")) {
      for (String method : List.of("GET", "POST")) {
        assertThat(
                call(
                        "/v1?account=7&the%20day={d}",
                        ", \"method\": \"" + method + "\"", "{\"d\": 1, \"" + name + "\": 8}")
                    .error())
            .isEqualTo("argument '" + name + "' has a fixed value: leave it out");
      }
    }
    assertThat(asked).isEmpty();
    assertThat(call("/v1?account=7&day={day}", "", "{\"day\": 1, \"acc\": 8}").isError()).isFalse();
    assertThat(asked).containsExactly("GET /v1?account=7&day=1&acc=8 null ");
  }

  @Test
  void theModelNeverSaysWhereTo() throws Exception {
    assertThat(call("/v1", "", "{\"url\": \"http://127.0.0.1:1/\", \"host\": \"evil\"}").isError())
        .isFalse();
    assertThat(asked).containsExactly("GET /v1?url=http%3A%2F%2F127.0.0.1%3A1%2F&host=evil null ");
  }

  @Test
  void redirectsAreNotFollowed() throws Exception {
    assertThat(call("/moved", "", "{}").error()).startsWith("the server answered with status 302");
    assertThat(asked).containsExactly("GET /moved null ");
  }

  @Test
  void errorsAndLargeAnswersAreAnswers() throws Exception {
    assertThat(call("/missing", "", "").error())
        .isEqualTo("the server answered with status 404: {\"ü\": 1}");
    assertThat(call("/large", ", \"max_bytes\": 100", "{}").error())
        .isEqualTo("the server's answer has more than 100 bytes");
    assertThat(call("/large", ", \"max_bytes\": 101", "{}").value()).hasSize(101);
    server.stop(0);
    assertThat(call("/v1", "", "{}").error()).startsWith("the server could not be reached");
  }

  @Test
  void anInterruptEndsACall() throws Exception {
    HttpTool tool = tool("/slow", "");
    Boolean[] interrupted = {null};
    Thread calling =
        new Thread(
            () -> {
              try {
                var unused = Calls.run(tool, "f", "{}");
                interrupted[0] = false;
              } catch (InterruptedException e) {
                interrupted[0] = true;
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    calling.start();
    while (asked.isEmpty()) {
      Thread.onSpinWait();
    }
    calling.interrupt();
    calling.join();
    assertThat(interrupted[0]).isTrue();
  }
}
