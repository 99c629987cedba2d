package io.github.gptoss.spark.internal.tools;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * An address that answers calls.
 *
 * @param url fixed but for arguments in braces, which stand behind the host for a part of the path
 *     or a value of the query
 * @param isPost whether the other arguments are sent as JSON; else they are the query
 * @param maxBytes of an answer
 */
record HttpSpec(String url, boolean isPost, Map<String, String> headers, int maxBytes) {
  static final Pattern PLACE = Pattern.compile("\\{([A-Za-z_][A-Za-z0-9_]*)\\}");

  /**
   * @param allowed what addresses have to begin with
   */
  static HttpSpec of(Settings settings, List<String> allowed) {
    settings.allow("url", "method", "headers", "max_bytes");
    String url = settings.text("url", "an address of http or https");
    String method = settings.textOr("method", "GET").toUpperCase(Locale.ROOT);
    if (!method.equals("GET") && !method.equals("POST")) {
      throw ToolErrors.setting(settings.where() + ".method", "GET or POST");
    }
    URI address = address(url);
    if (address == null) {
      throw ToolErrors.setting(
          settings.where() + ".url",
          "an address of http or https with a host, without user, fragment or dot segments, in which"
              + " arguments in braces stand behind the host");
    }
    if (allowed.stream().noneMatch(prefix -> begins(address, prefix))) {
      throw ToolErrors.notAllowed(
          settings.where() + ".url",
          address.getScheme() + "://" + address.getRawAuthority(),
          "tool_http_allow");
    }
    return new HttpSpec(
        url,
        method.equals("POST"),
        headers(settings),
        settings.positive("max_bytes", ToolOptions.MAX_BYTES, ToolOptions.MOST_BYTES));
  }

  private static Map<String, String> headers(Settings settings) {
    Map<String, String> headers = new TreeMap<>(settings.textsByName("headers"));
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder();
      headers.forEach(request::setHeader);
      return headers;
    } catch (IllegalArgumentException e) {
      throw ToolErrors.setting(
          settings.where() + ".headers", "names and values of headers that a program may set");
    }
  }

  /** Whether the address's query has a parameter of this name, in any case. */
  boolean isFixed(String name) {
    int queryAt = url.indexOf('?');
    return queryAt >= 0
        && Arrays.stream(url.substring(queryAt + 1).split("[&;]"))
            .map(parameter -> decoded(parameter.split("=", 2)[0]))
            .anyMatch(name::equalsIgnoreCase);
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text; // no escape, but a percent sign in a place of its own
    }
  }

  /** Null where it is none that is served. */
  private static URI address(String url) {
    try {
      URI address = new URI(PLACE.matcher(url).replaceAll("x"));
      boolean isWeb =
          "http".equalsIgnoreCase(address.getScheme())
              || "https".equalsIgnoreCase(address.getScheme());
      boolean isPlain =
          address.getHost() != null
              && address.getRawUserInfo() == null
              && address.getRawFragment() == null
              && address.normalize().equals(address);
      String authority = url.replaceFirst("^[A-Za-z]+://", "").replaceFirst("[/?].*$", "");
      return isWeb && isPlain && authority.equalsIgnoreCase(address.getRawAuthority())
          ? address
          : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** Whether an address has the scheme, host and port of another, and its path below it. */
  private static boolean begins(URI address, String prefix) {
    URI base;
    try {
      base = new URI(prefix);
    } catch (URISyntaxException e) {
      return false;
    }
    String basePath = base.getRawPath() == null ? "" : base.getRawPath().replaceFirst("/$", "");
    String path = address.getRawPath() == null ? "" : address.getRawPath();
    return address.getScheme().equalsIgnoreCase(base.getScheme())
        && address.getHost().equalsIgnoreCase(base.getHost())
        && port(address) == port(base)
        && (path.equals(basePath) || path.startsWith(basePath + "/"));
  }

  private static int port(URI address) {
    return address.getPort() >= 0
        ? address.getPort()
        : address.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }
}
