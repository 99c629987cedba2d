/** JSON Schemas: what is read of them, how they are combined, and how they become automata. */
package io.github.gptoss.engine.constraint.schema;
