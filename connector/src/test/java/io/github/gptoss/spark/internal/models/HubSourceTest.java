package io.github.gptoss.spark.internal.models;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.GptOssException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubSourceTest {
  private static final Retries QUICK = new Retries(5, 1, 4, 1);
  private static final String WEIGHTS = "model.safetensors";
  private static final String SECRET = "hf_verysecret";

  @TempDir Path root;

  private HubServer hub;
  private byte[] weights;

  @BeforeEach
  void start() throws IOException {
    hub = new HubServer();
    weights = new byte[300_001];
    new Random(4711).nextBytes(weights);
    hub.files.put("config.json", "{\"model_type\":\"gpt_oss\"}".getBytes(UTF_8));
    hub.files.put(WEIGHTS, weights);
    hub.files.put("README.md", "# tiny".getBytes(UTF_8));
    hub.files.put("original/model.safetensors", new byte[7]);
    hub.files.put("metal/model.bin", new byte[7]);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private HubSource source(String token) {
    return new HubSource(
        new ModelAddress.Hub("openai/tiny", "main", ""), hub.settings(token), QUICK, 400);
  }

  private ModelCache cache() {
    return new ModelCache(root, QUICK, 10_000, folder -> Long.MAX_VALUE);
  }

  private Path obtain(String token) {
    HubSource source = source(token);
    try (LocalModel model =
        cache()
            .obtain("hub/openai/tiny", source.list(), source, false, CopyProgress.Listener.NONE)) {
      return Path.of(model.path());
    }
  }

  private void assertCopied() throws IOException {
    Path folder = obtain(null);
    assertThat(Files.readAllBytes(folder.resolve(WEIGHTS))).isEqualTo(weights);
    assertThat(Files.readString(folder.resolve("config.json"))).contains("gpt_oss");
  }

  private String refusal(String token) {
    AtomicInteger lines = new AtomicInteger();
    String[] message = new String[1];
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> obtain(token))
        .satisfies(
            e -> {
              message[0] = e.getMessage();
              lines.set((int) e.getMessage().lines().count());
            });
    assertThat(lines).hasValue(1);
    assertThat(message[0]).doesNotContain(SECRET);
    return message[0];
  }

  @Test
  void copiesWhatACheckpointNeedsAndNothingElse() throws IOException {
    assertCopied();
    Path folder = obtain(null);
    try (var names = Files.list(folder)) {
      assertThat(names.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", WEIGHTS, "gptoss-manifest.json");
    }
    assertThat(hub.requestsOf(WEIGHTS)).isEqualTo(1);
    assertThat(hub.requests).anyMatch(line -> line.contains("/resolve/" + HubServer.COMMIT + "/"));
  }

  @Test
  void goesOnFromWhereAConnectionBroke() throws IOException {
    hub.fileFault =
        (exchange, content, offset) -> {
          HubServer.send(
              exchange,
              offset == 0 ? 200 : 206,
              content,
              offset,
              Math.min(content.length, offset + 100_000));
          return true;
        };
    assertCopied();
    assertThat(hub.requestsOf(WEIGHTS)).isEqualTo(4);
    assertThat(hub.requests).anyMatch(line -> line.endsWith("bytes=100000-"));
  }

  @Test
  void passesOverWhatItHasWhereAServerKnowsNoRanges() throws IOException {
    AtomicInteger times = new AtomicInteger();
    hub.fileFault =
        (exchange, content, offset) -> {
          int end = times.getAndIncrement() < 3 ? content.length * 2 / 3 : content.length;
          HubServer.send(exchange, 200, content, 0, end);
          return true;
        };
    assertCopied();
  }

  @Test
  void copiesAgainWhatArrivedWrongOnce() throws IOException {
    AtomicInteger times = new AtomicInteger();
    hub.fileFault =
        (exchange, content, offset) -> {
          if (content.length < 100 || times.getAndIncrement() > 0) {
            return false;
          }
          byte[] wrong = content.clone();
          wrong[200_000] ^= 1;
          HubServer.send(exchange, 200, wrong, 0, wrong.length);
          return true;
        };
    assertCopied();
    assertThat(hub.requestsOf(WEIGHTS)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors"})
  void givesUpWhatIsAlwaysWrongAndKeepsNoneOfIt(String name) {
    hub.fileFault =
        (exchange, content, offset) -> {
          if (!exchange.getRequestURI().getPath().endsWith(name)) {
            return false;
          }
          byte[] wrong = content.clone();
          wrong[5] ^= 1;
          HubServer.send(exchange, 200, wrong, 0, wrong.length);
          return true;
        };
    assertThat(refusal(null)).contains(name, "checksum", "3 times");
    assertThat(hub.requestsOf(name)).isEqualTo(3);
    assertThat(cache().find("hub/openai/tiny", HubServer.COMMIT, false)).isEmpty();
  }

  @Test
  void takesNoMoreThanTheListSaysWhereAServerSendsMore() throws IOException {
    hub.fileFault =
        (exchange, content, offset) -> {
          byte[] longer = java.util.Arrays.copyOf(content, content.length + 1000);
          HubServer.send(exchange, 200, longer, 0, longer.length);
          return true;
        };
    assertCopied();
  }

  @Test
  void givesUpWhereAServerHasLessThanItLists() {
    hub.list = hub.list().replace("\"size\":300001", "\"size\":400001");
    assertThat(refusal(null)).contains(WEIGHTS, "300,001 of 400,001");
  }

  @Test
  void refusesAnotherRangeThanItAskedFor() {
    hub.fileFault =
        (exchange, content, offset) -> {
          if (offset == 0) {
            HubServer.send(exchange, 200, content, 0, Math.min(50_000, content.length));
          } else {
            HubServer.send(exchange, 206, content, offset - 10, content.length);
          }
          return true;
        };
    assertThat(refusal(null)).contains("another range");
  }

  @Test
  void endsAConnectionThatBringsNothing() throws IOException {
    AtomicInteger times = new AtomicInteger();
    hub.fileFault =
        (exchange, content, offset) -> {
          if (times.getAndIncrement() > 0) {
            return false;
          }
          HubServer.send(exchange, 200, content, 0, content.length / 2);
          try {
            Thread.sleep(3_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return true;
        };
    assertCopied();
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void triesAgainWhereAServerIsBusy(int status) throws IOException {
    AtomicInteger times = new AtomicInteger();
    HubServer.Fault twice =
        (exchange, content, offset) ->
            times.getAndIncrement() < 2 && HubServer.refuse(exchange, status);
    hub.fileFault = twice;
    hub.listFault = twice;
    assertCopied();
  }

  @Test
  void waitsAsLongAsABusyServerAsks() throws IOException {
    AtomicInteger times = new AtomicInteger();
    hub.listFault =
        (exchange, content, offset) ->
            times.getAndIncrement() < 1 && HubServer.refuse(exchange, 429, "Retry-After", "1");
    long start = System.nanoTime();
    assertCopied();
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(1_000_000_000L);
  }

  @Test
  void givesUpAServerThatIsAlwaysBusy() {
    hub.listFault = (exchange, content, offset) -> HubServer.refuse(exchange, 429);
    assertThat(refusal(null)).contains("answers 429");
    assertThat(hub.requests).hasSize(QUICK.attempts());
  }

  @Test
  void sendsTheTokenToTheHubAndToNobodyElse() throws IOException {
    hub.fileFault =
        (exchange, content, offset) ->
            exchange.getRequestHeaders().getFirst("Host").startsWith("127.0.0.1")
                && HubServer.redirect(
                    exchange, hub.otherHost() + "/cdn" + exchange.getRequestURI().getPath());
    Path folder = obtain(SECRET);
    assertThat(Files.readAllBytes(folder.resolve(WEIGHTS))).isEqualTo(weights);
    assertThat(hub.requests)
        .filteredOn(line -> line.startsWith("/cdn"))
        .hasSize(2)
        .allMatch(line -> line.contains(" - "));
    assertThat(hub.requests)
        .filteredOn(line -> !line.startsWith("/cdn"))
        .allMatch(line -> line.contains(" Bearer " + SECRET));
  }

  @Test
  void followsARelativeRedirectWithItsToken() throws IOException {
    hub.fileFault =
        (exchange, content, offset) ->
            !exchange.getRequestURI().getPath().startsWith("/x/")
                && HubServer.redirect(exchange, "/x" + exchange.getRequestURI().getPath());
    obtain(SECRET);
    assertThat(hub.requests).anyMatch(line -> line.startsWith("/x/") && line.contains(SECRET));
  }

  /** The header holds the left text in UTF-8; the right one is RFC 3986's encoding of it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "a b/NAME > a%20b/NAME",
        "a%20b/NAME > a%20b/NAME",
        "50%off/NAME > 50%25off/NAME",
        "[x]/NAME > %5Bx%5D/NAME",
        "a|b{c}^`\\\"/NAME > a%7Cb%7Bc%7D%5E%60%5C%22/NAME",
        "gr\u00fc\u00df\u4f60/NAME > gr%C3%BC%C3%9F%E4%BD%A0/NAME",
        "x/NAME#frag#ment > x/NAME",
        "x/NAME?q=a b|\u00e9&r=[1]%2F > x/NAME?q=a%20b%7C%C3%A9&r=[1]%2F"
      })
  void followsARedirectThatIsNotEncoded(String raw, String encoded) throws IOException {
    List<String> seen = new CopyOnWriteArrayList<>();
    hub.fileFault =
        (exchange, content, offset) -> {
          String asked = exchange.getRequestURI().toString();
          if (asked.startsWith("/cdn/")) {
            seen.add(asked);
            return false;
          }
          String name = asked.substring(asked.lastIndexOf('/') + 1);
          String location = hub.otherHost() + "/cdn/" + raw.replace("NAME", name);
          return HubServer.redirect(exchange, new String(location.getBytes(UTF_8), ISO_8859_1));
        };
    assertCopied();
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "/cdn/" + encoded.replace("NAME", "config.json"),
            "/cdn/" + encoded.replace("NAME", WEIGHTS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///etc/passwd", "ftp://x/y", "http:///", ":", ""})
  void refusesToBeLedAstray(String location) {
    hub.listFault = (exchange, content, offset) -> HubServer.redirect(exchange, location);
    assertThat(refusal(null)).contains("hf_endpoint");
    assertThat(hub.requests).hasSize(1);
  }

  @Test
  void endsACircleOfRedirects() {
    hub.listFault =
        (exchange, content, offset) ->
            HubServer.redirect(exchange, exchange.getRequestURI().toString());
    assertThat(refusal(null)).contains("more than 10 times");
  }

  @ParameterizedTest
  @CsvSource({
    "401, '', there is no such repository",
    "401, RepoNotFound, there is no such repository",
    "401, GatedRepo, is gated",
    "403, GatedRepo, accept its terms",
    "403, '', may not read it",
    "404, RevisionNotFound, not this revision",
    "404, '', check owner",
    "418, '', answers 418"
  })
  void saysWhatARefusalMeans(int status, String code, String meaning) {
    hub.listFault =
        (exchange, content, offset) ->
            code.isEmpty()
                ? HubServer.refuse(exchange, status)
                : HubServer.refuse(exchange, status, "X-Error-Code", code);
    assertThat(refusal(null)).contains(meaning, "hf://openai/tiny@main");
    assertThat(hub.requests).hasSize(1);
  }

  @Test
  void saysThatATokenHasNoAccess() {
    hub.listFault = (exchange, content, offset) -> HubServer.refuse(exchange, 401);
    assertThat(refusal(SECRET)).contains("the token in hf_token (HF_TOKEN) is wrong");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil.safetensors",
        "/etc/evil.safetensors",
        "a/../../evil.safetensors",
        "..\\\\evil.safetensors",
        "a//b.safetensors",
        "c:evil.safetensors",
        ".hidden.safetensors",
        "new\\nline.safetensors",
        ""
      })
  void refusesAListThatLeavesItsFolder(String name) {
    hub.list =
        hub.list()
            .replace(
                "\"siblings\":[",
                "\"siblings\":[{\"rfilename\":\""
                    + name
                    + "\",\"size\":1,\"blobId\":\""
                    + HubServer.COMMIT
                    + "\"},");
    assertThat(refusal(null)).contains("outside of its folder");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>",
        "[]",
        "{}",
        "{\"sha\":\"main\"}",
        "{\"sha\":\"" + HubServer.COMMIT + "\"}",
        "{\"sha\":\"" + HubServer.COMMIT + "\",\"siblings\":[{\"rfilename\":\"config.json\"}]}",
        "{\"sha\":\""
            + HubServer.COMMIT
            + "\",\"siblings\":[{\"rfilename\":\"config.json\",\"size\":-1,\"blobId\":\""
            + HubServer.COMMIT
            + "\"}]}"
      })
  void refusesAListThatIsNone(String text) {
    hub.list = text;
    assertThat(refusal(null)).isNotEmpty();
  }

  @Test
  void refusesARepositoryWithoutACheckpoint() {
    hub.files.remove(WEIGHTS);
    assertThat(refusal(null)).contains("holds no safetensors file");
  }

  @Test
  void takesAFolderOfTheRepositoryWhereItIsAsked() {
    hub.files.put("original/config.json", new byte[] {'{', '}'});
    HubSource source =
        new HubSource(
            new ModelAddress.Hub("openai/tiny", "main", "original"), hub.settings(null), QUICK);
    assertThat(source.list().files())
        .extracting(ModelFile::name)
        .containsExactly("config.json", WEIGHTS);
    assertThat(source.list().bytes()).isEqualTo(9);
  }
}
