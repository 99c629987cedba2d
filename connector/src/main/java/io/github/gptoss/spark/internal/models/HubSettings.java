package io.github.gptoss.spark.internal.models;

import io.github.gptoss.engine.error.InvalidConfigException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The settings for reaching a hub.
 *
 * @param endpoint the hub's address, without a slash at its end
 * @param token the access token, which is sent to the endpoint only; null if there is none
 * @param isOffline whether to use only the cache
 */
record HubSettings(URI endpoint, String token, boolean isOffline) {
  static final String TOKEN = "hf_token";
  static final String ENDPOINT = "hf_endpoint";
  static final String OFFLINE = "hf_hub_offline";

  private static final String HUGGING_FACE = "https://huggingface.co";
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Pattern TOKEN_FORM = Pattern.compile("[\\x21-\\x7e]{1,1000}");

  /**
   * Settings by these names over the environment's {@code HF_TOKEN}, {@code HF_ENDPOINT} and {@code
   * HF_HUB_OFFLINE}.
   */
  static HubSettings of(Map<String, String> given, Map<String, String> environment) {
    String token = first(given.get(TOKEN), environment.get("HF_TOKEN"), null);
    String endpoint = first(given.get(ENDPOINT), environment.get("HF_ENDPOINT"), HUGGING_FACE);
    boolean isOffline = isTrue(given.get(OFFLINE)) || isTrue(environment.get("HF_HUB_OFFLINE"));
    if (token != null && !TOKEN_FORM.matcher(token).matches()) {
      throw new InvalidConfigException(
          "option hf_token (HF_TOKEN) holds characters that a token cannot have: copy it again");
    }
    URI uri = uri(endpoint);
    if (token != null && uri.getScheme().equals("http") && !LOOPBACK.contains(uri.getHost())) {
      throw new InvalidConfigException(
          "option hf_endpoint (HF_ENDPOINT) is "
              + uri
              + " and a token is set, which would be sent unencrypted: use https, or unset"
              + " hf_token (HF_TOKEN)");
    }
    return new HubSettings(uri, token, isOffline);
  }

  private static boolean isTrue(String text) {
    return text != null && TRUE.contains(text.strip().toUpperCase(Locale.ROOT));
  }

  private static String first(String option, String environment, String otherwise) {
    if (option != null && !option.isBlank()) {
      return option.strip();
    }
    return environment != null && !environment.isBlank() ? environment.strip() : otherwise;
  }

  private static URI uri(String endpoint) {
    try {
      URI uri = new URI(endpoint.replaceAll("/+$", ""));
      boolean isWeb = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (isWeb && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // The error below leaves out the cause, since an address may hold a password.
    }
    throw new InvalidConfigException(
        "option hf_endpoint (HF_ENDPOINT) is not a web address: give https://host[:port][/path],"
            + " without credentials");
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "HubSettings[endpoint=" + endpoint + ", token=" + (token == null ? "none" : "set") + "]";
  }
}
