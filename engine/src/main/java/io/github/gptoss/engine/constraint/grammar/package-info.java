/** The automata of JSON texts: values, arrays and objects, nesting level by nesting level. */
package io.github.gptoss.engine.constraint.grammar;
