/** The engine's public API. */
package io.github.gptoss.engine;
