/** Strict reading of JSON that nobody vouches for: model configurations and file indexes. */
package io.github.gptoss.engine.json;
