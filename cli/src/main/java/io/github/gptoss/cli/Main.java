package io.github.gptoss.cli;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The command line's entry point. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    System.setErr(err);
    Console console =
        new Console(
            // Buffered, because reading all of a bare file stream seeks, which a pipe cannot.
            new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
            new StandardOutput(new FileOutputStream(FileDescriptor.out)),
            err,
            Boolean.getBoolean("gptoss.terminal"));
    // Not a plain return: a thread may still wait for standard input.
    System.exit(CommandLineRunner.run(console, args));
  }
}
