/** LoRA adapters in PEFT's form: what a folder holds, checked against the base model. */
package io.github.gptoss.engine.lora;
