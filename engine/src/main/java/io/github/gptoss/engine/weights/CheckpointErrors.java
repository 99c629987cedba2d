package io.github.gptoss.engine.weights;

import static io.github.gptoss.engine.json.FileError.error;
import static io.github.gptoss.engine.json.UntrustedText.oneLine;
import static io.github.gptoss.engine.json.UntrustedText.quote;
import static java.util.stream.Collectors.joining;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.tensor.DType;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The errors of checkpoints, each one line: file, tensor, actual, expected, way out. */
final class CheckpointErrors {
  private static final int MAX_NAMES = 5;
  private static final String DOWNLOAD =
      " Give the folder of a downloaded gpt-oss checkpoint: config.json and its safetensors files.";
  private static final String SAME_MODEL =
      " The checkpoint and config.json disagree; check that both come from the same model.";
  private static final String SAME_DOWNLOAD =
      " Download the index and all shards again, from the same model.";

  private CheckpointErrors() {}

  static InvalidModelException noFolder(Path path) {
    return error(
        "%s: no such folder; a model of a hub is named hf://owner/name, in Spark.%s",
        path, DOWNLOAD);
  }

  static InvalidModelException notFolder(Path path) {
    String name = path.toString();
    return name.endsWith(".gguf")
        ? gguf(path)
        : error(
            "%s: is a file, expected a folder.%s",
            path, name.endsWith(".safetensors") ? " Give the folder that holds it." : DOWNLOAD);
  }

  static InvalidModelException unlistable(Path path, IOException cause) {
    return cause instanceof AccessDeniedException
        ? error(
            "%s: the folder cannot be listed: permission denied. Give this user read access to it.",
            path, cause)
        : error(
            "%s: the folder cannot be listed: %s. Give this user read access to it.", path, cause);
  }

  static InvalidModelException unreadable(Path file, IOException cause) {
    return error(
        "%s: cannot be read: %s. Give this user read access, or remove the file if the model does"
            + " not need it.",
        file, cause);
  }

  static InvalidModelException tooManyEntries(Path path, int max) {
    return error("%s: holds more than %d entries, so it is no checkpoint.%s", path, max, DOWNLOAD);
  }

  static InvalidModelException emptyFolder(Path path) {
    return error("%s: the folder is empty.%s", path, DOWNLOAD);
  }

  static InvalidModelException gguf(Path file) {
    return error(
        "%s: is a GGUF file, expected safetensors. This engine reads the original checkpoints:"
            + " download the model's safetensors files and config.json instead.",
        file);
  }

  static InvalidModelException metal(Path file) {
    return error(
        "%s: is in OpenAI's Metal format, expected safetensors. Give the folder above it, or its"
            + " 'original' folder.",
        file);
  }

  static InvalidModelException pickle(Path file) {
    return error(
        "%s: is in PyTorch's format, expected safetensors. Download the model's safetensors files,"
            + " or convert it with transformers' save_pretrained(safe_serialization=True).",
        file);
  }

  static InvalidModelException hubCache(Path snapshots) {
    return error(
        "%s: is the hub's cache of a model, expected one of its snapshots. Give a folder within"
            + " %s.",
        snapshots.getParent(), snapshots);
  }

  static InvalidModelException onlyOriginal(Path path, Path original) {
    return error(
        "%s: has no safetensors files, but a folder 'original'. Give that one: %s.",
        path, original);
  }

  static InvalidModelException noSafetensors(Path path, Collection<String> names) {
    return error("%s: has no safetensors files, only %s.%s", path, list(names), DOWNLOAD);
  }

  static InvalidModelException noConfig(Path configFile, boolean isAdapter) {
    return isAdapter
        ? error(
            "%s: no such file, but an adapter_config.json: this is a LoRA adapter, expected a whole"
                + " gpt-oss model. Give the folder of the base model.",
            configFile)
        : error(
            "%s: no such file, expected the model's configuration beside its safetensors files."
                + " Download it from the same place as the weights.",
            configFile);
  }

  static InvalidModelException noWeights(Path folder, Collection<String> safetensors) {
    return error(
        "%s: has %s, but neither %s nor %s. Download the missing file from the same place.",
        folder, list(safetensors), CheckpointFolder.SINGLE, CheckpointFolder.INDEX);
  }

  static InvalidModelException ambiguous(Path single, Path index) {
    return error(
        "%s: lies beside %s, which names other files: two checkpoints in one folder, expected one."
            + " Remove the file that does not belong there.",
        single, index.getFileName());
  }

  static InvalidModelException noWeightMap(Path index) {
    return error(
        "%s: has no 'weight_map', expected an object of tensor names and file names.%s",
        index, SAME_DOWNLOAD);
  }

  static InvalidModelException indexEntry(Path index, String tensor, String actual) {
    return error(
        "%s: tensor %s is mapped to %s, expected a file name.%s",
        index, quote(tensor), oneLine(actual), SAME_DOWNLOAD);
  }

  static InvalidModelException indexEscape(Path index, String tensor, String name) {
    return error(
        "%s: tensor %s is mapped to %s, expected the plain name of a .safetensors file in the same"
            + " folder. Do not trust this checkpoint; download it from its publisher.",
        index, quote(tensor), quote(name));
  }

  static InvalidModelException noShard(Path shard, Path index) {
    return error(
        "%s: no such file, but %s names it. The download is incomplete; download this file too.",
        shard, index.getFileName());
  }

  static InvalidModelException notInShard(Path shard, Path index, String tensor) {
    return error(
        "%s: tensor %s is missing; %s says that this file holds it.%s",
        shard, quote(tensor), index.getFileName(), SAME_DOWNLOAD);
  }

  static InvalidModelException notInIndex(Path shard, Path index, String tensor) {
    return error(
        "%s: tensor %s is not listed in %s, expected every tensor to be.%s",
        shard, quote(tensor), index.getFileName(), SAME_DOWNLOAD);
  }

  static InvalidModelException wrongShard(Path index, String tensor, String name, Path holder) {
    return error(
        "%s: tensor %s is mapped to %s, expected %s, which holds it.%s",
        index, quote(tensor), quote(name), quote(holder.getFileName().toString()), SAME_DOWNLOAD);
  }

  static InvalidModelException twice(String tensor, Path one, Path other) {
    return error(
        "%s: tensor %s is also in %s, expected it in one file only.%s",
        other, quote(tensor), quote(one.getFileName().toString()), SAME_DOWNLOAD);
  }

  static InvalidModelException foreignTensors(Path folder, Collection<String> names) {
    return error(
        "%s: holds no tensor of a gpt-oss model (such as 'model.embed_tokens.weight' or"
            + " 'embedding.weight') but %s.%s",
        folder, names.isEmpty() ? "none at all" : list(names), DOWNLOAD);
  }

  static InvalidModelException layers(Path configFile, int configured, int shown) {
    return error(
        "%s: 'num_hidden_layers' is %d, but the tensors show %d layers.%s",
        configFile, configured, shown, SAME_MODEL);
  }

  static InvalidModelException notInBlocks(Path configFile, String key, int size) {
    return error(
        "%s: '%s' is %d, expected a multiple of 32, as the MXFP4 experts need.%s",
        configFile, key, size, SAME_MODEL);
  }

  static InvalidModelException missingTensor(
      Path place,
      String name,
      List<DType> dtypes,
      Dim[] shape,
      Path configFile,
      Optional<StoredTensor> nearest) {
    String hint =
        nearest
            .map(tensor -> " (there is " + quote(tensor.name()) + ", which may be meant)")
            .orElse("");
    return error(
        "%s: tensor %s is missing%s, expected one of dtype %s and shape %s. Check that the download"
            + " is complete and that config.json comes from the same model.",
        place, quote(name), hint, anyOf(dtypes), describe(shape, configFile));
  }

  static InvalidModelException dtype(StoredTensor tensor, List<DType> expected) {
    return error(
        "%s: tensor %s has dtype %s, expected %s. Save the checkpoint in this type, or download it"
            + " again.",
        tensor.file(), quote(tensor.name()), tensor.dtype(), anyOf(expected));
  }

  static InvalidModelException shape(StoredTensor tensor, Dim[] expected, Path configFile) {
    String actual = Arrays.toString(tensor.shape());
    return error(
        "%s: tensor %s has shape %s, expected %s.%s",
        tensor.file(), quote(tensor.name()), actual, describe(expected, configFile), SAME_MODEL);
  }

  private static String anyOf(List<DType> dtypes) {
    return dtypes.stream().map(DType::name).collect(joining(" or "));
  }

  private static String describe(Dim[] shape, Path configFile) {
    return Arrays.toString(Arrays.stream(shape).mapToLong(Dim::size).toArray())
        + " = "
        + Arrays.stream(shape).map(Dim::formula).collect(joining(", ", "[", "]"))
        + " from "
        + configFile.getFileName();
  }

  static InvalidModelException mixedExperts(StoredTensor tensor, ExpertFormat format) {
    String others = format == ExpertFormat.MXFP4 ? "MXFP4 blocks and scales" : "not quantised";
    return error(
        "%s: tensor %s does not fit the other experts, which are %s, expected all experts alike."
            + " Save the checkpoint either quantised or dequantised.",
        tensor.file(), quote(tensor.name()), others);
  }

  static InvalidModelException nanScale(StoredTensor scales, long index) {
    long perRow = scales.dim(2);
    long rows = scales.dim(1);
    long row = index / perRow;
    return error(
        "%s: tensor %s has scale 255 (NaN) at expert %d, row %d, block %d, expected 0 to 254. The"
            + " weights are damaged; download the file again.",
        scales.file(), quote(scales.name()), row / rows, row % rows, index % perRow);
  }

  /** The first few names. */
  static String list(Collection<String> names) {
    return names.stream()
        .limit(MAX_NAMES)
        .map(name -> quote(name))
        .collect(joining(", ", "", names.size() > MAX_NAMES ? ", ..." : ""));
  }
}
