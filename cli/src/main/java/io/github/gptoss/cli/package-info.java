/**
 * The command line {@code gptoss}: results on standard output, everything else on standard error.
 * Exit status 0; 2 for a wrong call or a bad model, with one line that says what is wrong; 1 for a
 * fault of our own.
 */
package io.github.gptoss.cli;
