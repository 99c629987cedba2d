package io.github.gptoss.spark.internal.models;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Set;

/**
 * Sends HTTP requests to a hub and follows its redirects. Only the hub gets the token.
 *
 * <p>{@link HttpURLConnection} rather than the JDK's newer client, which has no timeout for reading
 * a body.
 *
 * @param address for errors
 * @param stallMillis the connection fails if no byte arrives for this long
 */
record HubClient(HubSettings settings, String address, int stallMillis) {
  private static final int MAX_REDIRECTS = 10;
  private static final int CONNECT_MILLIS = 30_000;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> TRANSIENT = Set.of(408, 425, 429, 500, 502, 503, 504);

  /**
   * The first bytes of the response.
   *
   * @param path below the endpoint, encoded
   * @param most how many bytes at most
   * @throws IOException if a retry may work
   */
  byte[] read(String path, int most) throws IOException {
    HttpURLConnection answer = answer(path, 0);
    try (InputStream body = body(answer, 0)) {
      byte[] bytes = body.readNBytes(most);
      if (bytes.length < Math.min(most, answer.getContentLengthLong())) {
        throw new EOFException("the connection ended before the answer did");
      }
      return bytes;
    }
  }

  /**
   * The response's body, from a byte offset on.
   *
   * @param path below the endpoint, encoded
   * @param offset 0 asks for all
   * @throws IOException if a retry may work
   */
  InputStream get(String path, long offset) throws IOException {
    return body(answer(path, offset), offset);
  }

  private HttpURLConnection answer(String path, long offset) throws IOException {
    URI uri = URI.create(settings.endpoint() + path);
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      HttpURLConnection answer = send(uri, offset);
      if (!REDIRECTS.contains(answer.getResponseCode())) {
        return answer;
      }
      answer.getInputStream().close();
      uri = HubRedirect.target(uri, answer.getHeaderField("Location"), address);
    }
    throw HubErrors.badRedirect(address, "redirects more than " + MAX_REDIRECTS + " times");
  }

  private HttpURLConnection send(URI uri, long offset) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(stallMillis);
    // Redirects are followed here, since the JDK would send the token along.
    connection.setInstanceFollowRedirects(false);
    connection.setRequestProperty("User-Agent", "gptoss-spark");
    connection.setRequestProperty("Accept", "*/*");
    if (settings.token() != null && isHub(uri)) {
      connection.setRequestProperty("Authorization", "Bearer " + settings.token());
    }
    if (offset > 0) {
      connection.setRequestProperty("Range", "bytes=" + offset + "-");
    }
    return connection;
  }

  private boolean isHub(URI uri) {
    URI hub = settings.endpoint();
    return uri.getScheme().equals(hub.getScheme())
        && uri.getHost().equalsIgnoreCase(hub.getHost())
        && uri.getPort() == hub.getPort();
  }

  private InputStream body(HttpURLConnection answer, long offset) throws IOException {
    int status = answer.getResponseCode();
    if (status != 200 && !(status == 206 && offset > 0)) {
      throw refusal(answer, status, offset);
    }
    InputStream body = answer.getInputStream();
    try {
      if (status == 206) {
        requireFrom(answer, offset);
      } else {
        // A server that does not support ranges sends all bytes, so those before the offset are
        // skipped.
        body.skipNBytes(offset);
      }
      return body;
    } catch (IOException | RuntimeException e) {
      body.close();
      throw e;
    }
  }

  /**
   * The error for a response without the requested bytes; an IOException means that a retry may
   * work.
   */
  private IOException refusal(HttpURLConnection answer, int status, long offset)
      throws IOException {
    InputStream body = answer.getErrorStream();
    if (body != null) {
      body.close();
    }
    if (TRANSIENT.contains(status)) {
      return new Retries.BusyException(
          "the server answers " + status, pauseMillis(answer.getHeaderField("Retry-After")));
    }
    if (status == 416) {
      return new IOException("the server has no byte " + offset + " of it");
    }
    if (status < 0) {
      return new IOException("the server's answer is not HTTP");
    }
    String code = answer.getHeaderField("X-Error-Code");
    throw HubErrors.refused(address, status, code == null ? "" : code, settings);
  }

  private static void requireFrom(HttpURLConnection answer, long offset) throws IOException {
    String range = String.valueOf(answer.getHeaderField("Content-Range"));
    if (!range.startsWith("bytes " + offset + "-")) {
      throw new IOException(
          "the server sends another range: " + ModelErrors.oneLine(range) + ", not from " + offset);
    }
  }

  /**
   * How long the server asks to wait; 0 where it does not.
   *
   * @param after seconds or a date; null where the header is missing
   */
  private static long pauseMillis(String after) {
    String text = after == null ? "" : after.strip();
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
