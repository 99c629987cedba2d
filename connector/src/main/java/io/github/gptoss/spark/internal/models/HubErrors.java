package io.github.gptoss.spark.internal.models;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;

/** Errors for a hub's responses. Each is one line and never contains the token. */
final class HubErrors {
  private HubErrors() {}

  static GptOssException badRedirect(String address, String what) {
    return new GptOssException(
        "the hub's answer for " + address + " " + what + ": check hf_endpoint (HF_ENDPOINT)");
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
      return new InvalidConfigException(
          address
              + " is gated: accept its terms at "
              + page
              + ", and set option hf_token (HF_TOKEN) to a token of that account"
              + (hasToken ? "; the token that is set has no access" : ""));
    }
    if (code.equals("RevisionNotFound")) {
      return new InvalidConfigException(
          address
              + ": the hub knows the repository but not this revision: see "
              + page
              + "/commits");
    }
    if (code.equals("EntryNotFound")) {
      return new InvalidConfigException(
          address + ": the hub lists a file that it does not have: see " + page + "/tree");
    }
    if (status == 401) {
      // The hub also answers 401 for a repository that does not exist.
      return new InvalidConfigException(
          hub
              + " answers 401 for "
              + address
              + (hasToken
                  ? ": the token in hf_token (HF_TOKEN) is wrong or expired, or there is no such"
                      + " repository"
                  : ": there is no such repository, or it is private: check the name, or set option"
                      + " hf_token (HF_TOKEN)"));
    }
    if (status == 403) {
      return new InvalidConfigException(
          hub
              + " answers 403 for "
              + address
              + ": the account may not read it: accept its terms at "
              + page
              + ", and give the token (hf_token, HF_TOKEN) the right to read repositories");
    }
    if (status == 404) {
      return new InvalidConfigException(
          hub + " has no " + address + ": check owner, name, revision and folder at " + page);
    }
    return new GptOssException(
        hub + " answers " + status + " for " + address + ": check hf_endpoint (HF_ENDPOINT)");
  }
}
