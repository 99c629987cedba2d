package io.github.gptoss.spark.internal.journal;

import java.io.Serializable;

/**
 * A file of the journal that could not be used.
 *
 * @param file its path
 * @param reason how it is damaged
 */
public record SkippedSegment(String file, String reason) implements Serializable {}
