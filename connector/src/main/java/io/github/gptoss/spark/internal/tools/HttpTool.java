package io.github.gptoss.spark.internal.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.tools.ToolRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;

/**
 * Answers calls from addresses that options fix: arguments become parts of the path, values of the
 * query, or a JSON body, and never say where to. Redirects are not followed.
 */
final class HttpTool extends SingleCalls {
  private static final int MOST_ERROR_CHARS = 300;

  /** Before a semicolon, too, behind which some servers read parameters of a segment. */
  private static final Set<String> SEGMENTS_OF_NO_NAME = Set.of("", ".", "..");

  private final Map<String, HttpSpec> addresses;
  private final Duration limit;
  private final HttpClient client;

  /**
   * @param addresses by function
   * @param limit time of a call
   */
  HttpTool(Map<String, HttpSpec> addresses, Duration limit) {
    this.addresses = addresses;
    this.limit = limit;
    client =
        HttpClient.newBuilder()
            .connectTimeout(limit)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  @Override
  public Set<String> functions() {
    return addresses.keySet();
  }

  @Override
  String answer(ToolRequest call) throws ToolException, InterruptedException {
    HttpSpec spec = addresses.get(call.function());
    HttpRequest request = request(spec, Arguments.object(call.arguments()));
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      String body = body(response, spec.maxBytes());
      if (response.statusCode() / 100 != 2) {
        throw new ToolException(
            "the server answered with status "
                + response.statusCode()
                + (body.isBlank() ? "" : ": " + Texts.cut(body, MOST_ERROR_CHARS)));
      }
      return body;
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException();
      }
      // The exception's text may name hosts and ports that are no business of the model's.
      throw new ToolException("the server could not be reached, or broke off its answer");
    }
  }

  private HttpRequest request(HttpSpec spec, ObjectNode arguments) throws ToolException {
    StringBuilder url = new StringBuilder();
    Matcher places = HttpSpec.PLACE.matcher(spec.url());
    int queryAt = spec.url().indexOf('?');
    List<String> placed = new ArrayList<>();
    while (places.find()) {
      String name = places.group(1);
      String value = text(arguments.get(name), name);
      placed.add(name);
      if (queryAt < 0 || places.start() < queryAt) {
        requirePathPart(name, value);
      }
      places.appendReplacement(url, Matcher.quoteReplacement(encoded(value)));
    }
    places.appendTail(url);
    arguments.remove(placed);
    for (Iterator<String> names = arguments.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (spec.isFixed(name)) {
        throw new ToolException("argument '" + name + "' has a fixed value: leave it out");
      }
    }
    HttpRequest.Builder request;
    if (spec.isPost()) {
      request =
          HttpRequest.newBuilder(URI.create(url.toString()))
              .setHeader("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(arguments.toString()));
    } else {
      char separator = queryAt < 0 ? '?' : '&';
      for (Iterator<String> names = arguments.fieldNames(); names.hasNext(); ) {
        String name = names.next();
        url.append(separator)
            .append(encoded(name))
            .append('=')
            .append(encoded(text(arguments.get(name), name)));
        separator = '&';
      }
      request = HttpRequest.newBuilder(URI.create(url.toString())).GET();
    }
    spec.headers().forEach(request::setHeader);
    return request.timeout(limit).build();
  }

  private static String text(JsonNode value, String name) throws ToolException {
    if (value == null || value.isNull()) {
      throw new ToolException("argument '" + name + "' is missing");
    }
    if (value.isContainerNode()) {
      throw new ToolException("argument '" + name + "' must be a single value");
    }
    return value.asText();
  }

  /** Servers may take such values for a way to another path, encoded or not. */
  private static void requirePathPart(String name, String value) throws ToolException {
    boolean isPart =
        !value.isBlank()
            && !SEGMENTS_OF_NO_NAME.contains(value.split(";", 2)[0].strip())
            && value.chars().noneMatch(c -> c == '/' || c == '\\' || c == '%' || c < ' ');
    if (!isPart) {
      throw new ToolException(
          "argument '"
              + name
              + "' must be a text without slashes, percent signs and control"
              + " characters, and no dots alone or before a semicolon");
    }
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String body(HttpResponse<InputStream> response, int maxBytes)
      throws IOException, ToolException {
    try (InputStream in = response.body()) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new ToolException("the server's answer has more than " + maxBytes + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
