package io.github.gptoss.spark.internal.models;

/** What tests do to what this JVM knows of a hub's branches. */
public final class HubBranches {
  private HubBranches() {}

  /** Has the hub asked again, as it is a minute later. */
  public static void forget() {
    HubRefs.forget();
  }
}
