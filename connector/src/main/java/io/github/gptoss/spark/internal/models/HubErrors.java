package io.github.gptoss.spark.internal.models;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;

/** Errors for a hub's responses. Each is one line and never contains the token. */
final class HubErrors {
  private HubErrors() {}

  static GptOssException badRedirect(String address, String what) {
    return new GptOssException(
        "the hub's answer for %s %s: check hf_endpoint (HF_ENDPOINT)".formatted(address, what));
  }

  /**
   * @param code the hub's header X-Error-Code, which distinguishes a missing repository from a
   *     private one
   */
  static GptOssException refused(String address, int status, String code, HubSettings settings) {
    String hub = settings.endpoint().getHost();
    String page = settings.endpoint() + "/" + address.replaceFirst("hf://([^@]*).*", "$1");
    boolean hasToken = settings.token() != null;
    if (code.equals("GatedRepo")) {
      return invalid(
          "%s is gated: accept its terms at %s, and set option hf_token (HF_TOKEN) to a token of"
              + " that account%s",
          address, page, hasToken ? "; the token that is set has no access" : "");
    }
    if (code.equals("RevisionNotFound")) {
      return invalid(
          "%s: the hub knows the repository but not this revision: see %s/commits", address, page);
    }
    if (code.equals("EntryNotFound")) {
      return invalid("%s: the hub lists a file that it does not have: see %s/tree", address, page);
    }
    if (status == 401) {
      // The hub also answers 401 for a repository that does not exist.
      return invalid(
          "%s answers 401 for %s%s",
          hub,
          address,
          hasToken
              ? ": the token in hf_token (HF_TOKEN) is wrong or expired, or there is no such"
                  + " repository"
              : ": there is no such repository, or it is private: check the name, or set option"
                  + " hf_token (HF_TOKEN)");
    }
    if (status == 403) {
      return invalid(
          "%s answers 403 for %s: the account may not read it: accept its terms at %s, and give the"
              + " token (hf_token, HF_TOKEN) the right to read repositories",
          hub, address, page);
    }
    if (status == 404) {
      return invalid(
          "%s has no %s: check owner, name, revision and folder at %s", hub, address, page);
    }
    return new GptOssException(
        "%s answers %s for %s: check hf_endpoint (HF_ENDPOINT)".formatted(hub, status, address));
  }

  private static InvalidConfigException invalid(String text, Object... values) {
    return new InvalidConfigException(text.formatted(values));
  }
}
