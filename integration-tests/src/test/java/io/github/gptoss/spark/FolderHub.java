package io.github.gptoss.spark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A hub with one repository, whose commits are folders' files, that breaks a file's first
 * connection half way.
 */
public final class FolderHub implements AutoCloseable {
  public static final String COMMIT = "89abcdef0123456789abcdef0123456789abcdef";

  final AtomicLong servedBytes = new AtomicLong();

  private final AtomicLong branchQuestions = new AtomicLong();
  private final Map<String, Path> commits = new ConcurrentHashMap<>();
  private volatile String head = COMMIT;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  public FolderHub(Path folder) throws IOException {
    commits.put(COMMIT, folder);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/api/models/openai/demo/revision/", this::list);
    server.createContext("/openai/demo/resolve/", this::file);
    server.start();
  }

  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Moves the branch to another commit. */
  public void move(String commit, Path folder) {
    commits.put(commit, folder);
    head = commit;
  }

  /** How often the hub was asked where the branch is. */
  public long branchQuestions() {
    return branchQuestions.get();
  }

  private void list(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String revision = path.substring(path.lastIndexOf('/') + 1);
      String commit = commits.containsKey(revision) ? revision : head;
      if (!commit.equals(revision)) {
        branchQuestions.incrementAndGet();
      }
      ObjectNode model = new ObjectMapper().createObjectNode().put("sha", commit);
      ArrayNode siblings = model.putArray("siblings");
      List<Path> files;
      try (var all = Files.list(commits.get(commit))) {
        files = all.filter(file -> !file.getFileName().toString().startsWith(".")).toList();
      }
      for (Path file : files) {
        byte[] content = Files.readAllBytes(file);
        siblings
            .addObject()
            .put("rfilename", file.getFileName().toString())
            .put("size", content.length)
            .putObject("lfs")
            .put("size", content.length)
            .put("sha256", sha256(content));
      }
      byte[] json = new ObjectMapper().writeValueAsBytes(model);
      exchange.sendResponseHeaders(200, json.length);
      exchange.getResponseBody().write(json);
    }
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void file(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      int name = path.lastIndexOf('/') + 1;
      String commit = path.substring(path.lastIndexOf('/', name - 2) + 1, name - 1);
      byte[] content = Files.readAllBytes(commits.get(commit).resolve(path.substring(name)));
      String range = exchange.getRequestHeaders().getFirst("Range");
      int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
      int to = range == null ? content.length / 2 : content.length;
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
      exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
      exchange.getResponseBody().write(content, from, to - from);
      exchange.getResponseBody().flush();
      servedBytes.addAndGet(to - from);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
