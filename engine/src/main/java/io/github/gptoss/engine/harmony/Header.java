package io.github.gptoss.engine.harmony;

/** What stands before {@code <|message|>}; rest is words that mean nothing there, or null. */
record Header(Author author, String channel, String recipient, String contentType, String rest) {}
