package io.github.gptoss.engine.harmony;

/**
 * What stands before {@code <|message|>}.
 *
 * @param rest words that mean nothing in a header, joined by spaces; null for none
 */
record Header(Author author, String channel, String recipient, String contentType, String rest) {}
