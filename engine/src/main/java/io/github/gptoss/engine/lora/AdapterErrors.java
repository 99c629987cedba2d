package io.github.gptoss.engine.lora;

import static io.github.gptoss.engine.json.FileError.error;
import static io.github.gptoss.engine.json.UntrustedText.quote;
import static java.util.stream.Collectors.joining;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.json.UntrustedText;
import io.github.gptoss.engine.tensor.DType;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** The errors of adapters, each one line: file, what is wrong with it, what is supported. */
final class AdapterErrors {
  private static final int MAX_NAMES = 5;
  private static final String DOWNLOAD =
      " Give the folder of a PEFT adapter for gpt-oss: adapter_config.json and"
          + " adapter_model.safetensors.";

  /** Said where an adapter is whole, but of a kind that is not computed here. */
  private static final String SUPPORTED =
      " Supported are LoRA adapters of any rank on q_proj, k_proj, v_proj and o_proj and on the"
          + " experts' gate_up_proj and down_proj (target_parameters), with use_rslora, rank_pattern"
          + " and alpha_pattern; not supported are DoRA and other variants, biases, modules_to_save,"
          + " the router, embeddings and initialisations that change the base model. Train it"
          + " within that, or merge it into its model with PEFT and use the merged model.";

  private AdapterErrors() {}

  static InvalidModelException noFolder(Path folder) {
    return error("%s: no such folder.%s", folder, DOWNLOAD);
  }

  static InvalidModelException notFolder(Path folder) {
    return error("%s: is a file, expected a folder.%s", folder, DOWNLOAD);
  }

  static InvalidModelException noConfig(Path config, boolean isModel) {
    return isModel
        ? error(
            "%s: no such file, but a config.json: this is a whole model, expected a LoRA adapter."
                + " Give it as the model, or give the adapter's folder.",
            config)
        : error("%s: no such file.%s", config, DOWNLOAD);
  }

  static InvalidModelException pickle(Path file) {
    return error(
        "%s: is in PyTorch's format, expected adapter_model.safetensors. Save the adapter with"
            + " PEFT's save_pretrained(safe_serialization=True).",
        file);
  }

  static InvalidModelException unreadable(Path file, IOException cause) {
    return error("%s: cannot be read: %s. Give this user read access.", file, cause);
  }

  static InvalidModelException value(Path config, String key, String actual, String expected) {
    return error(
        "%s: '%s' is %s, expected %s. Use the file that came with the adapter, unchanged.",
        config, key, actual, expected);
  }

  static InvalidModelException unsupported(Path config, Collection<String> findings) {
    return error("%s: %s.%s", config, String.join("; ", findings), SUPPORTED);
  }

  static InvalidModelException unknownTensors(Path file, Collection<String> names) {
    return error(
        "%s: holds %s, which %s none of the matrices that an adapter can change here.%s",
        file, list(names), names.size() == 1 ? "belongs to" : "belong to", SUPPORTED);
  }

  static InvalidModelException layer(StoredTensor tensor, int layer, int layers) {
    return error(
        "%s: tensor %s is of layer %d, but the base model has layers 0 to %d. Check that the"
            + " adapter was trained on this model.",
        tensor.file(), quote(tensor.name()), layer, layers - 1);
  }

  static InvalidModelException missing(Path file, String name) {
    return error(
        "%s: tensor %s is missing, which adapter_config.json or its other half asks for. The"
            + " adapter is damaged or was saved in part; save or download it again.",
        file, quote(name));
  }

  static InvalidModelException twice(Path file, String key) {
    return error(
        "%s: holds two pairs of tensors for %s, expected one. Save the adapter again.",
        file, quote(key));
  }

  static InvalidModelException originalLayout(Path model) {
    return error(
        "%s: is in OpenAI's own layout, which has no place for merged experts. Give the folder of"
            + " the same model in the Hugging Face layout, which holds 'original' in its downloads.",
        model);
  }

  static InvalidModelException empty(Path file) {
    return error("%s: holds no tensors, expected an adapter's.%s", file, DOWNLOAD);
  }

  static InvalidModelException dtype(StoredTensor tensor) {
    return error(
        "%s: tensor %s has dtype %s, expected F32, BF16 or F16. Save the adapter in one of these.",
        tensor.file(), quote(tensor.name()), tensor.dtype());
  }

  static InvalidModelException notFinite(StoredTensor tensor) {
    return error(
        "%s: tensor %s has a value that is not finite: its training diverged, or its type"
            + " overflowed when it was saved. Use another checkpoint of the adapter.",
        tensor.file(), quote(tensor.name()));
  }

  static InvalidModelException mergedNotFinite(StoredTensor a, String merged, DType dtype) {
    return error(
        "%s: tensor %s makes a value of %s that %s does not hold: its training diverged, or it was"
            + " trained on another model. Use another checkpoint of the adapter.",
        a.file(), quote(a.name()), quote(merged), dtype);
  }

  static InvalidModelException shape(
      StoredTensor tensor, long[] expected, String formula, int rank) {
    return error(
        "%s: tensor %s has shape %s, expected %s = %s for rank %d. Check that the adapter was"
            + " trained on this model, and that adapter_config.json is its own.",
        tensor.file(),
        quote(tensor.name()),
        Arrays.toString(tensor.shape()),
        Arrays.toString(expected),
        formula,
        rank);
  }

  static String finding(String key, String value) {
    return "'" + key + "' is " + value;
  }

  private static String list(Collection<String> names) {
    List<String> first = names.stream().limit(MAX_NAMES).map(UntrustedText::quote).toList();
    String more = names.size() > MAX_NAMES ? " and " + (names.size() - MAX_NAMES) + " more" : "";
    return first.stream().collect(joining(", ")) + more;
  }
}
