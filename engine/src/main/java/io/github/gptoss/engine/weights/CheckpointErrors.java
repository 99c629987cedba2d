package io.github.gptoss.engine.weights;

import static io.github.gptoss.engine.json.UntrustedText.oneLine;
import static io.github.gptoss.engine.json.UntrustedText.quote;
import static java.util.stream.Collectors.joining;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.json.StrictJson;
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
        path, "no such folder; a model of a hub is named hf://owner/name, in Spark." + DOWNLOAD);
  }

  static InvalidModelException notFolder(Path path) {
    String name = path.toString();
    if (name.endsWith(".gguf")) {
      return gguf(path);
    }
    return error(
        path,
        "is a file, expected a folder."
            + (name.endsWith(".safetensors") ? " Give the folder that holds it." : DOWNLOAD));
  }

  static InvalidModelException unlistable(Path path, IOException cause) {
    String reason =
        cause instanceof AccessDeniedException ? "permission denied" : StrictJson.reason(cause);
    return new InvalidModelException(
        oneLine(path)
            + ": the folder cannot be listed: "
            + reason
            + ". Give this user read access to it.",
        cause);
  }

  static InvalidModelException unreadable(Path file, IOException cause) {
    return new InvalidModelException(
        oneLine(file)
            + ": cannot be read: "
            + StrictJson.reason(cause)
            + ". Give this user read access, or remove the file if the model does not need it.",
        cause);
  }

  static InvalidModelException tooManyEntries(Path path, int max) {
    return error(path, "holds more than %d entries, so it is no checkpoint." + DOWNLOAD, max);
  }

  static InvalidModelException emptyFolder(Path path) {
    return error(path, "the folder is empty." + DOWNLOAD);
  }

  static InvalidModelException gguf(Path file) {
    return error(
        file,
        "is a GGUF file, expected safetensors. This engine reads the original checkpoints:"
            + " download the model's safetensors files and config.json instead.");
  }

  static InvalidModelException metal(Path file) {
    return error(
        file,
        "is in OpenAI's Metal format, expected safetensors. Give the folder above it, or its"
            + " 'original' folder.");
  }

  static InvalidModelException pickle(Path file) {
    return error(
        file,
        "is in PyTorch's format, expected safetensors. Download the model's safetensors files, or"
            + " convert it with transformers' save_pretrained(safe_serialization=True).");
  }

  static InvalidModelException hubCache(Path snapshots) {
    return error(
        snapshots.getParent(),
        "is the hub's cache of a model, expected one of its snapshots. Give a folder within %s.",
        oneLine(snapshots));
  }

  static InvalidModelException onlyOriginal(Path path, Path original) {
    return error(
        path,
        "has no safetensors files, but a folder 'original'. Give that one: %s.",
        oneLine(original));
  }

  static InvalidModelException noSafetensors(Path path, Collection<String> names) {
    return error(path, "has no safetensors files, only %s." + DOWNLOAD, list(names));
  }

  static InvalidModelException noConfig(Path configFile, boolean isAdapter) {
    return isAdapter
        ? error(
            configFile,
            "no such file, but an adapter_config.json: this is a LoRA adapter, expected a whole"
                + " gpt-oss model. Give the folder of the base model.")
        : error(
            configFile,
            "no such file, expected the model's configuration beside its safetensors files."
                + " Download it from the same place as the weights.");
  }

  static InvalidModelException noWeights(Path folder, Collection<String> safetensors) {
    return error(
        folder,
        "has %s, but neither %s nor %s. Download the missing file from the same place.",
        list(safetensors),
        CheckpointFolder.SINGLE,
        CheckpointFolder.INDEX);
  }

  static InvalidModelException ambiguous(Path single, Path index) {
    return error(
        single,
        "lies beside %s, which names other files: two checkpoints in one folder, expected one."
            + " Remove the file that does not belong there.",
        index.getFileName());
  }

  static InvalidModelException noWeightMap(Path index) {
    return error(
        index,
        "has no 'weight_map', expected an object of tensor names and file names." + SAME_DOWNLOAD);
  }

  static InvalidModelException indexEntry(Path index, String tensor, String actual) {
    return error(
        index,
        "tensor %s is mapped to %s, expected a file name." + SAME_DOWNLOAD,
        quote(tensor),
        oneLine(actual));
  }

  static InvalidModelException indexEscape(Path index, String tensor, String name) {
    return error(
        index,
        "tensor %s is mapped to %s, expected the plain name of a .safetensors file in the same"
            + " folder. Do not trust this checkpoint; download it from its publisher.",
        quote(tensor),
        quote(name));
  }

  static InvalidModelException noShard(Path shard, Path index) {
    return error(
        shard,
        "no such file, but %s names it. The download is incomplete; download this file too.",
        index.getFileName());
  }

  static InvalidModelException notInShard(Path shard, Path index, String tensor) {
    return error(
        shard,
        "tensor %s is missing; %s says that this file holds it." + SAME_DOWNLOAD,
        quote(tensor),
        index.getFileName());
  }

  static InvalidModelException notInIndex(Path shard, Path index, String tensor) {
    return error(
        shard,
        "tensor %s is not listed in %s, expected every tensor to be." + SAME_DOWNLOAD,
        quote(tensor),
        index.getFileName());
  }

  static InvalidModelException wrongShard(Path index, String tensor, String name, Path holder) {
    return error(
        index,
        "tensor %s is mapped to %s, expected %s, which holds it." + SAME_DOWNLOAD,
        quote(tensor),
        quote(name),
        quote(holder.getFileName().toString()));
  }

  static InvalidModelException twice(String tensor, Path one, Path other) {
    return error(
        other,
        "tensor %s is also in %s, expected it in one file only." + SAME_DOWNLOAD,
        quote(tensor),
        quote(one.getFileName().toString()));
  }

  static InvalidModelException foreignTensors(Path folder, Collection<String> names) {
    return error(
        folder,
        "holds no tensor of a gpt-oss model (such as 'model.embed_tokens.weight' or"
            + " 'embedding.weight') but %s."
            + DOWNLOAD,
        names.isEmpty() ? "none at all" : list(names));
  }

  static InvalidModelException layers(Path configFile, int configured, int shown) {
    return error(
        configFile,
        "'num_hidden_layers' is %d, but the tensors show %d layers." + SAME_MODEL,
        configured,
        shown);
  }

  static InvalidModelException notInBlocks(Path configFile, String key, int size) {
    return error(
        configFile,
        "'%s' is %d, expected a multiple of 32, as the MXFP4 experts need." + SAME_MODEL,
        key,
        size);
  }

  static InvalidModelException missingTensor(
      Path place,
      String name,
      List<DType> dtypes,
      Dim[] shape,
      Path configFile,
      Optional<StoredTensor> nearest) {
    return error(
        place,
        "tensor %s is missing%s, expected one of dtype %s and shape %s. Check that the download is"
            + " complete and that config.json comes from the same model.",
        quote(name),
        nearest
            .map(tensor -> " (there is " + quote(tensor.name()) + ", which may be meant)")
            .orElse(""),
        anyOf(dtypes),
        describe(shape, configFile));
  }

  static InvalidModelException dtype(StoredTensor tensor, List<DType> expected) {
    return error(
        tensor.file(),
        "tensor %s has dtype %s, expected %s. Save the checkpoint in this type, or download it"
            + " again.",
        quote(tensor.name()),
        tensor.dtype(),
        anyOf(expected));
  }

  static InvalidModelException shape(StoredTensor tensor, Dim[] expected, Path configFile) {
    return error(
        tensor.file(),
        "tensor %s has shape %s, expected %s." + SAME_MODEL,
        quote(tensor.name()),
        Arrays.toString(tensor.shape()),
        describe(expected, configFile));
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
    return error(
        tensor.file(),
        "tensor %s does not fit the other experts, which are %s, expected all experts alike. Save"
            + " the checkpoint either quantised or dequantised.",
        quote(tensor.name()),
        format == ExpertFormat.MXFP4 ? "MXFP4 blocks and scales" : "not quantised");
  }

  static InvalidModelException nanScale(StoredTensor scales, long index) {
    long perRow = scales.dim(2);
    long row = index / perRow;
    return error(
        scales.file(),
        "tensor %s has scale 255 (NaN) at expert %d, row %d, block %d, expected 0 to 254. The"
            + " weights are damaged; download the file again.",
        quote(scales.name()),
        row / scales.dim(1),
        row % scales.dim(1),
        index % perRow);
  }

  private static String list(Collection<String> names) {
    return names.stream()
        .limit(MAX_NAMES)
        .map(name -> quote(name))
        .collect(joining(", ", "", names.size() > MAX_NAMES ? ", ..." : ""));
  }

  // @FormatMethod would need Error Prone's annotations at run time.
  @SuppressWarnings("AnnotateFormatMethod")
  private static InvalidModelException error(Path path, String format, Object... arguments) {
    return new InvalidModelException(oneLine(path) + ": " + String.format(format, arguments));
  }
}
