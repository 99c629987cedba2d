/** The automata of scalar values over bytes: strings with their spellings, and numbers. */
package io.github.gptoss.engine.constraint.lexeme;
