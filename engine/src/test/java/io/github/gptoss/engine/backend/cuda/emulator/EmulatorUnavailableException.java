package io.github.gptoss.engine.backend.cuda.emulator;

/** This machine cannot run the emulator; the message says what it lacks. */
public final class EmulatorUnavailableException extends Exception {
  private static final long serialVersionUID = 1;

  EmulatorUnavailableException(String reason) {
    super(reason);
  }
}
