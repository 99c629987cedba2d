/**
 * The engine's exceptions. A message is one line that says the problem, its cause and the way out;
 * no message quotes a prompt or a completion.
 */
package io.github.gptoss.engine.error;
