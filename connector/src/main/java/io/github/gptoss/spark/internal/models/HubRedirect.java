package io.github.gptoss.spark.internal.models;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the address in a redirect's Location header. */
final class HubRedirect {
  /** The fragment is left out, since a client never sends it. */
  private static final Pattern LOCATION =
      Pattern.compile("(?<host>([^:/?#]+:)?(//[^/?#]*)?)(?<path>[^?#]*)(?<query>[^#]*)(#.*)?");

  private static final Pattern ESCAPE = Pattern.compile("%[0-9A-Fa-f]{2}");

  private static final String LEGAL_IN_PATH =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/";

  private static final String LEGAL_IN_QUERY = LEGAL_IN_PATH + "?[]";

  private HubRedirect() {}

  /**
   * The address, resolved against the requested one.
   *
   * @param location the header; null where it is missing
   * @param address of the model, for errors
   * @throws io.github.gptoss.engine.error.GptOssException if it is not a web address, or leads from
   *     https to http
   */
  static URI target(URI from, String location, String address) {
    String text = location == null ? "" : location.strip();
    URI to;
    try {
      to = from.resolve(encoded(text));
    } catch (IllegalArgumentException e) {
      throw HubErrors.badRedirect(address, "redirects to what is not an address");
    }
    boolean isSafe =
        to.getHost() != null
            && ("https".equals(to.getScheme())
                || ("http".equals(to.getScheme()) && "http".equals(from.getScheme())));
    if (!isSafe || text.isEmpty()) {
      throw HubErrors.badRedirect(
          address, "redirects to what is not a web address, or from https to http");
    }
    return to;
  }

  /** Percent-encodes what RFC 3986 allows in neither path nor query, as browsers do. */
  private static String encoded(String location) {
    Matcher parts = LOCATION.matcher(location);
    return parts.matches()
        ? parts.group("host")
            + encoded(parts.group("path"), LEGAL_IN_PATH)
            + encoded(parts.group("query"), LEGAL_IN_QUERY)
        : location;
  }

  private static String encoded(String part, String legal) {
    StringBuilder text = new StringBuilder();
    Matcher escape = ESCAPE.matcher(part);
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      if (legal.indexOf(c) >= 0 || (c == '%' && escape.region(i, part.length()).lookingAt())) {
        text.append(c);
      } else {
        // The JDK decodes a header's bytes as ISO 8859-1.
        for (byte one : String.valueOf(c).getBytes(StandardCharsets.ISO_8859_1)) {
          text.append(String.format(Locale.ROOT, "%%%02X", one));
        }
      }
    }
    return text.toString();
  }
}
