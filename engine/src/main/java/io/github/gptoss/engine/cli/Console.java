package io.github.gptoss.engine.cli;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * The three streams of a call.
 *
 * @param out results and nothing else; a closed reader shows as {@link OutputClosedException}
 * @param err logs, progress and errors
 * @param terminal whether {@code out} is a terminal
 */
record Console(InputStream in, StandardOutput out, PrintStream err, boolean terminal) {}
