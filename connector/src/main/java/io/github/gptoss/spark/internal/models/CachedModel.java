package io.github.gptoss.spark.internal.models;

import java.nio.file.Path;
import java.time.Instant;

/**
 * One version of a model in a machine's cache.
 *
 * @param address of the model's source, without a version; the folder's name where it is not known
 * @param version the commit of a hub, or the fingerprint of a folder's listing; empty where it is
 *     not known
 * @param folder where the version's files are
 * @param bytes that these files take on the disk
 * @param lastUsed when a process opened the version last, or copied to it
 * @param isWhole whether the copy is complete
 * @param isHeld whether a process has the version open or copies it, or the user lacks the right to
 *     find out; such a version is never removed
 */
public record CachedModel(
    String address,
    String version,
    Path folder,
    long bytes,
    Instant lastUsed,
    boolean isWhole,
    boolean isHeld) {}
