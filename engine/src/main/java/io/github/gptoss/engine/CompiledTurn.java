package io.github.gptoss.engine;

import io.github.gptoss.engine.constraint.odds.Watched;
import io.github.gptoss.engine.constraint.turn.TurnGrammar;

/**
 * What is the same for all requests that ask for a turn of the same form.
 *
 * @param watched the values whose probabilities are found
 */
record CompiledTurn(TurnGrammar grammar, Watched watched) {}
