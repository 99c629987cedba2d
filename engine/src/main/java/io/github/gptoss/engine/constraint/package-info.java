/**
 * Answers of a guaranteed form: JSON of a schema, texts of a regular expression, or one of several
 * choices. A constraint is an automaton over bytes; it says exactly which tokens may follow.
 */
package io.github.gptoss.engine.constraint;
