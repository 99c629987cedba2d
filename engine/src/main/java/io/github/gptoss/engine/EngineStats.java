package io.github.gptoss.engine;

/**
 * A snapshot of the engine's counters, taken after each step and whenever requests come or go; of a
 * closed or dead engine, the last one. Counts are since the engine was opened.
 *
 * @param runningRequests requests that hold KV memory now
 * @param waitingRequests requests accepted and not yet running
 * @param promptTokens prompt tokens computed (those taken from the prefix cache excluded)
 * @param generatedTokens tokens generated
 * @param prefixCachedTokens prompt tokens taken from the prefix cache
 * @param steps forward passes
 * @param scheduledTokens tokens over all forward passes: divided by {@code steps}, the mean batch
 * @param preemptions times a running request gave its KV memory back and was recomputed
 * @param kvUsedBytes KV memory held by running requests
 * @param kvTotalBytes KV memory that the engine may use
 * @param busyNanos time spent in forward passes and sampling
 * @param maskWaitNanos the part of it in which the engine's thread waited for the tokens that the
 *     constraints of a step's rows allow
 * @param stepTokens tokens computed in the latest step, 0 when there is no work
 * @param maxStepTokens tokens that one step computes at most: {@code stepTokens / maxStepTokens} is
 *     the batch's occupancy
 * @param kvUsedBlocks KV blocks held by running requests; blocks of full-attention and of
 *     sliding-window layers alike, which differ in bytes
 * @param kvTotalBlocks KV blocks of both kinds that there are
 * @param loadNanos time it took to open the engine
 */
public record EngineStats(
    int runningRequests,
    int waitingRequests,
    long promptTokens,
    long generatedTokens,
    long prefixCachedTokens,
    long steps,
    long scheduledTokens,
    long preemptions,
    long kvUsedBytes,
    long kvTotalBytes,
    long busyNanos,
    long maskWaitNanos,
    int stepTokens,
    int maxStepTokens,
    int kvUsedBlocks,
    int kvTotalBlocks,
    long loadNanos) {}
