package io.github.gptoss.spark.internal.models;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A hub on this machine with one repository, {@code openai/tiny}, and with the faults of nets. */
final class HubServer implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** What a test does in place of a sound answer; false leaves the answer to the server. */
  interface Fault {
    boolean answers(HttpExchange exchange, byte[] content, int offset) throws IOException;
  }

  final Map<String, byte[]> files = new TreeMap<>();

  /** Path, then the headers Authorization and Range, {@code -} where there is none. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  volatile Fault listFault = (exchange, content, offset) -> false;
  volatile Fault fileFault = (exchange, content, offset) -> false;
  volatile String list;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  HubServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  /** Of a host name that clients take for another than the one in {@link #endpoint}. */
  String otherHost() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  HubSettings settings(String token) {
    return token == null
        ? HubSettings.of(Map.of(HubSettings.ENDPOINT, endpoint()), Map.of())
        : HubSettings.of(
            Map.of(HubSettings.ENDPOINT, endpoint(), HubSettings.TOKEN, token), Map.of());
  }

  /** How often a file was asked for. */
  long requestsOf(String name) {
    return requests.stream().filter(line -> line.contains(name + " ")).count();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String range = exchange.getRequestHeaders().getFirst("Range");
      String token = exchange.getRequestHeaders().getFirst("Authorization");
      requests.add(
          path + " " + (token == null ? "-" : token) + " " + (range == null ? "-" : range));
      if (path.startsWith("/api/models/openai/tiny/revision/")) {
        byte[] content = (list == null ? list() : list).getBytes(UTF_8);
        if (!listFault.answers(exchange, content, 0)) {
          send(exchange, 200, content, 0, content.length);
        }
        return;
      }
      String name = path.substring(path.lastIndexOf('/') + 1);
      byte[] content = files.get(name);
      if (content == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      int offset = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
      if (!fileFault.answers(exchange, content, offset)) {
        send(exchange, range == null ? 200 : 206, content, offset, content.length);
      }
    }
  }

  /** Announces all from the offset on, and sends up to {@code end}. */
  static void send(HttpExchange exchange, int status, byte[] content, int offset, int end)
      throws IOException {
    if (status == 206) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes " + offset + "-" + (content.length - 1) + "/" + content.length);
    }
    exchange.sendResponseHeaders(status, content.length == offset ? -1 : content.length - offset);
    OutputStream body = exchange.getResponseBody();
    if (end > offset) {
      body.write(content, offset, end - offset);
      body.flush();
    }
  }

  static boolean refuse(HttpExchange exchange, int status, String... headers) throws IOException {
    for (int i = 0; i < headers.length; i += 2) {
      exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
    }
    exchange.sendResponseHeaders(status, -1);
    return true;
  }

  static boolean redirect(HttpExchange exchange, String location) throws IOException {
    return refuse(exchange, 302, "Location", location);
  }

  String list() {
    StringBuilder siblings = new StringBuilder();
    files.forEach(
        (name, content) -> {
          siblings.append(siblings.isEmpty() ? "" : ",").append(sibling(name, content));
        });
    return "{\"id\":\"openai/tiny\",\"sha\":\"" + COMMIT + "\",\"siblings\":[" + siblings + "]}";
  }

  private static String sibling(String name, byte[] content) {
    String lfs =
        name.endsWith(".safetensors")
            ? ",\"lfs\":{\"sha256\":\""
                + hex("SHA-256", content)
                + "\",\"size\":"
                + content.length
                + ",\"pointerSize\":134}"
            : "";
    byte[] header = ("blob " + content.length + "\0").getBytes(UTF_8);
    byte[] blob = Arrays.copyOf(header, header.length + content.length);
    System.arraycopy(content, 0, blob, header.length, content.length);
    return "{\"rfilename\":\"%s\",\"size\":%d,\"blobId\":\"%s\"%s}"
        .formatted(name, content.length, hex("SHA-1", blob), lfs);
  }

  static String hex(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
