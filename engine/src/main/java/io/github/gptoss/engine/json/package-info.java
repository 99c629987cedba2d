/** Strict reading of JSON from untrusted sources: model configurations and file indexes. */
package io.github.gptoss.engine.json;
