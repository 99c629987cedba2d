package io.github.gptoss.spark.model;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;

/** Web requests to a hub and to where it redirects; the token goes to the hub alone. */
final class HubClient {
  private static final int MAX_REDIRECTS = 10;
  private static final Duration CONNECT = Duration.ofSeconds(30);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> TRANSIENT = Set.of(408, 425, 429, 500, 502, 503, 504);

  /** Redirects are followed here, since the JDK would send the token along. */
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT)
          .build();

  private final HubSettings settings;
  private final String address;
  private final long stallMillis;

  /**
   * @param address for errors
   * @param stallMillis a body that brings nothing for this long is given up
   */
  HubClient(HubSettings settings, String address, long stallMillis) {
    this.settings = settings;
    this.address = address;
    this.stallMillis = stallMillis;
  }

  /**
   * The body of what lies there, from a byte on: other bodies are errors.
   *
   * @param path below the endpoint, encoded
   * @param offset 0 asks for all
   * @throws IOException if it is worth another try
   */
  InputStream get(String path, long offset) throws IOException {
    URI uri = URI.create(settings.endpoint() + path);
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      HttpResponse<InputStream> response = send(uri, offset);
      if (REDIRECTS.contains(response.statusCode())) {
        response.body().close();
        uri = redirected(uri, response);
        continue;
      }
      return body(response, offset);
    }
    throw HubErrors.badRedirect(address, "leads on more than " + MAX_REDIRECTS + " times");
  }

  private HttpResponse<InputStream> send(URI uri, long offset) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).timeout(ANSWER).header("User-Agent", "gptoss-spark");
    if (settings.token() != null && isHub(uri)) {
      request.header("Authorization", "Bearer " + settings.token());
    }
    if (offset > 0) {
      request.header("Range", "bytes=" + offset + "-");
    }
    try {
      return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ModelErrors.interrupted(address);
    }
  }

  private boolean isHub(URI uri) {
    URI hub = settings.endpoint();
    return uri.getScheme().equals(hub.getScheme())
        && uri.getHost().equalsIgnoreCase(hub.getHost())
        && uri.getPort() == hub.getPort();
  }

  private URI redirected(URI from, HttpResponse<?> response) {
    String location = response.headers().firstValue("Location").orElse("");
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw HubErrors.badRedirect(address, "leads to no address");
    }
    boolean isSafe =
        to.getHost() != null
            && ("https".equals(to.getScheme())
                || "http".equals(to.getScheme()) && "http".equals(from.getScheme()));
    if (location.isEmpty() || !isSafe) {
      throw HubErrors.badRedirect(address, "leads to no web address that is as safe");
    }
    return to;
  }

  private InputStream body(HttpResponse<InputStream> response, long offset) throws IOException {
    int status = response.statusCode();
    InputStream body = new StallGuard(response.body(), stallMillis);
    try {
      if (status == 206 && offset > 0) {
        requireFrom(response, offset);
        return body;
      }
      if (status == 200) {
        // A server that knows no ranges begins anew: what is there already is passed over.
        body.skipNBytes(offset);
        return body;
      }
      if (TRANSIENT.contains(status)) {
        throw new Retries.BusyException("the server answers " + status, pauseMillis(response));
      }
      if (status == 416) {
        throw new IOException("the server has no byte " + offset + " of it");
      }
      throw HubErrors.refused(
          address, status, response.headers().firstValue("X-Error-Code").orElse(""), settings);
    } catch (IOException | RuntimeException e) {
      body.close();
      throw e;
    }
  }

  private static void requireFrom(HttpResponse<?> response, long offset) throws IOException {
    String range = response.headers().firstValue("Content-Range").orElse("none");
    if (!range.startsWith("bytes " + offset + "-")) {
      throw new IOException(
          "the server sends another range: " + ModelErrors.oneLine(range) + ", not from " + offset);
    }
  }

  /** What Retry-After asks for, in seconds or as a date; else 0. */
  private static long pauseMillis(HttpResponse<?> response) {
    Optional<String> after = response.headers().firstValue("Retry-After");
    if (after.isEmpty()) {
      return 0;
    }
    String text = after.get().strip();
    if (text.matches("\\d{1,9}")) {
      return Long.parseLong(text) * 1000;
    }
    try {
      ZonedDateTime until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
      return Math.max(0, Duration.between(ZonedDateTime.now(until.getZone()), until).toMillis());
    } catch (DateTimeParseException e) {
      return 0;
    }
  }
}
