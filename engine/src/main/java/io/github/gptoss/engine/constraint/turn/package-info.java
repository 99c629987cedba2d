/** The frame of a constrained turn: which of Harmony's headers may open a message, and its text. */
package io.github.gptoss.engine.constraint.turn;
