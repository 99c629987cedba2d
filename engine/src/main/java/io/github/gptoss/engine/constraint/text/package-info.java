/** Languages of strings over code points: patterns, formats and their derivatives. */
package io.github.gptoss.engine.constraint.text;
