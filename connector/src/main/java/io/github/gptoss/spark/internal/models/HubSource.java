package io.github.gptoss.spark.internal.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A repository of a Hugging Face hub. It is listed once, since a commit never changes.
 *
 * <p>Source of the requests: the hub's documentation of {@code /api/models/{repo}/revision/{rev}}
 * with {@code blobs=true}, and {@code /{repo}/resolve/{commit}/{path}}.
 */
final class HubSource implements ModelSource {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_LIST_BYTES = 32 << 20;
  private static final int STALL_MILLIS = 60_000;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final ModelAddress.Hub at;
  private final HubClient client;
  private final Retries retries;
  private ModelListing listing;

  HubSource(ModelAddress.Hub at, HubSettings settings, Retries retries) {
    this(at, settings, retries, STALL_MILLIS);
  }

  HubSource(ModelAddress.Hub at, HubSettings settings, Retries retries, int stallMillis) {
    this.at = at;
    this.retries = retries;
    client = new HubClient(settings, at.text(), stallMillis);
  }

  @Override
  public String address() {
    return at.text();
  }

  @Override
  public synchronized ModelListing list() {
    if (listing == null) {
      listing = read(retries.call(address(), this::json)).checked(address());
    }
    return listing;
  }

  private JsonNode json() throws IOException {
    String path =
        "/api/models/" + at.repository() + "/revision/" + encoded(at.revision()) + "?blobs=true";
    byte[] bytes = client.read(path, MAX_LIST_BYTES + 1);
    if (bytes.length > MAX_LIST_BYTES) {
      throw ModelErrors.badList(address(), "is longer than 32 MiB");
    }
    try {
      return JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw ModelErrors.badList(address(), "is not JSON");
    }
  }

  private ModelListing read(JsonNode model) {
    String commit = model.path("sha").asText("");
    if (!COMMIT.matcher(commit).matches() || at.isPinned() && !commit.equals(at.revision())) {
      throw ModelErrors.badList(address(), "does not name the commit that was asked for");
    }
    String prefix = at.folder().isEmpty() ? "" : at.folder() + "/";
    List<ModelFile> files = new ArrayList<>();
    for (JsonNode sibling : model.path("siblings")) {
      String path = sibling.path("rfilename").asText("");
      if (!isInside(path)) {
        throw ModelErrors.badName(address(), path);
      }
      if (path.startsWith(prefix)) {
        String name = path.substring(prefix.length());
        if (name.indexOf('/') < 0 && ModelListing.isNeeded(name)) {
          files.add(file(name, sibling));
        }
      }
    }
    files.sort(Comparator.comparing(ModelFile::name));
    return new ModelListing(commit, files);
  }

  private static boolean isInside(String path) {
    for (String part : path.split("/", -1)) {
      if (part.isEmpty()
          || part.equals(".")
          || part.equals("..")
          || part.chars().anyMatch(c -> c == '\\' || Character.isISOControl(c))) {
        return false;
      }
    }
    return true;
  }

  private ModelFile file(String name, JsonNode sibling) {
    JsonNode large = sibling.path("lfs");
    JsonNode length = large.has("size") ? large.path("size") : sibling.path("size");
    boolean isLarge = large.has("sha256");
    String hex = isLarge ? large.path("sha256").asText("") : sibling.path("blobId").asText("");
    Pattern form = isLarge ? SHA256 : COMMIT;
    if (!ModelListing.isPlainName(name)) {
      throw ModelErrors.badName(address(), name);
    }
    if (!length.isIntegralNumber() || length.asLong() < 0 || !form.matcher(hex).matches()) {
      throw ModelErrors.badList(address(), "gives no length and checksum of " + name);
    }
    return new ModelFile(
        name,
        length.asLong(),
        new ModelFile.Digest(
            isLarge ? ModelFile.Algorithm.SHA256 : ModelFile.Algorithm.GIT_SHA1, hex));
  }

  @Override
  public InputStream open(ModelFile file, long offset) throws IOException {
    StringBuilder path =
        new StringBuilder("/" + at.repository() + "/resolve/" + list().version() + "/");
    if (!at.folder().isEmpty()) {
      for (String part : at.folder().split("/", -1)) {
        path.append(encoded(part)).append('/');
      }
    }
    return client.get(path.append(encoded(file.name())).toString(), offset);
  }

  private static String encoded(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {}
}
