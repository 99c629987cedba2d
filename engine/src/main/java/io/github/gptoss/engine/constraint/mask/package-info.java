/** The tokens that a constraint allows, found through the tree of all tokens. */
package io.github.gptoss.engine.constraint.mask;
