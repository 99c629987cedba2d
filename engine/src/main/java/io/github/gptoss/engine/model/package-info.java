/** What a gpt-oss model is made of, as its config.json says. */
package io.github.gptoss.engine.model;
