package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which copies go, and that none in use does, is CachedModelsTest's business. */
class CacheCommandTest {
  @TempDir private Path cache;

  /** A copy that was begun and has nothing that tells its address. */
  private Path copy(String name, int bytes) throws IOException {
    Path folder = Files.createDirectories(cache.resolve("models").resolve(name));
    Files.write(folder.resolve("part"), new byte[bytes]);
    return folder;
  }

  private Cli.Result cache(String... args) {
    String[] all = new String[args.length + 3];
    all[0] = "cache";
    System.arraycopy(args, 0, all, 1, args.length);
    all[args.length + 1] = "--cache-dir";
    all[args.length + 2] = cache.toString();
    return Cli.run("", all);
  }

  @Test
  void listsCopies() throws IOException {
    Path folder = copy("a-1", 30);
    copy("b-2", 12);
    assertThat(cache("list").out().lines())
        .satisfiesExactly(
            a -> assertThat(a).startsWith("a-1  -  30 bytes  ").endsWith("Z  in parts"),
            b -> assertThat(b).startsWith("b-2  -  12 bytes  "));
    JsonNode json = Cli.json(cache("list", "--json").out());
    assertThat(json).hasSize(2);
    assertThat(json.get(0).get("folder").textValue()).isEqualTo(folder.toString());
    assertThat(json.get(0).get("bytes").longValue()).isEqualTo(30);
    assertThat(json.get(0).get("whole").booleanValue()).isFalse();
    assertThat(json.get(0).get("held").booleanValue()).isFalse();
  }

  @Test
  void prunesWhatIsAskedFor() throws IOException {
    Path folder = copy("a-1", 30);
    assertThat(cache("prune").err()).isEqualTo("0 copies removed, 0 bytes\n");
    assertThat(cache("prune", "--all", "--unused-days", "1").err()).startsWith("0 copies");
    Cli.Result dry = cache("prune", "--all", "--dry-run");
    assertThat(dry.err()).isEqualTo("1 copies would be removed, 30 bytes\n");
    assertThat(folder).exists();
    Cli.Result removed = cache("prune", "--all");
    assertThat(removed.status()).isZero();
    assertThat(removed.out()).isEqualTo(dry.out()).startsWith("a-1  ");
    assertThat(folder).doesNotExist();
    assertThat(cache("list").out()).isEmpty();
  }

  @Test
  void refusesAWrongCall() {
    Cli.Result none = cache();
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).hasLineCount(1).contains("give one of list, prune");
    Cli.Result negative = cache("prune", "--unused-days", "-1");
    assertThat(negative.status()).isEqualTo(2);
    assertThat(negative.err()).hasLineCount(1).contains("--unused-days is -1");
  }
}
