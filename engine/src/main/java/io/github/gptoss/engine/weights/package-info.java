/** Checkpoints: the layouts that people download, checked and shown as one typed view. */
package io.github.gptoss.engine.weights;
