package io.github.gptoss.engine.harmony;

/** One part of a message. */
public sealed interface Content permits TextContent, SystemContent, DeveloperContent {}
