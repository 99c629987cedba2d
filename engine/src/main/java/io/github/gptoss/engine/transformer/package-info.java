/** The order of gpt-oss's operations, written once for all backends. */
package io.github.gptoss.engine.transformer;
