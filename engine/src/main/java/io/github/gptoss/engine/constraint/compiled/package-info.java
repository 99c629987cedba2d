/** Compiled constraints, and the masks that rows share. */
package io.github.gptoss.engine.constraint.compiled;
