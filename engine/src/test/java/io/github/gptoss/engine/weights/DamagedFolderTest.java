package io.github.gptoss.engine.weights;

import java.nio.file.Files;
import java.nio.file.Path;

/** Folders that hold no checkpoint, or files cut and swapped. */
class DamagedFolderTest extends DamageCases {
  @Override
  void cases() {
    folders();
    files();
  }

  private void folders() {
    damage(
        "missing path",
        GoldenModels.SINGLE,
        DamageCases::deleteAll,
        "no such folder",
        "Give the folder");
    damage(
        "path is a file",
        GoldenModels.SINGLE,
        dir -> {
          deleteAll(dir);
          Files.writeString(dir, "x");
        },
        "is a file, expected a folder");
    damage(
        "path is a GGUF file",
        GoldenModels.SINGLE,
        dir -> {
          deleteAll(dir);
          Files.writeString(dir, "GGUF");
        },
        "is a file");
    damage("empty folder", GoldenModels.SINGLE, DamageCases::empty, "is empty", "config.json");
    only("only a GGUF", "gpt-oss-20b-Q4.gguf", "gpt-oss-20b-Q4.gguf", "GGUF", "safetensors");
    only("only a pickle", "pytorch_model-00001-of-2.bin", "PyTorch", "save_pretrained");
    only("only a .pt", "consolidated.00.pt", "PyTorch");
    only("metal folder", "model.bin", "Metal", "'original'");
    only("only a text", "README.md", "no safetensors files", "'README.md'");
    damage(
        "only original/",
        GoldenModels.ORIGINAL,
        dir -> {
          empty(dir);
          GoldenModels.copy(GoldenModels.ORIGINAL, dir.resolve("original"));
        },
        "a folder 'original'",
        "Give that one");
    damage(
        "hub cache root",
        GoldenModels.SINGLE,
        dir -> {
          empty(dir);
          Files.createDirectories(dir.resolve("snapshots"));
          Files.createDirectories(dir.resolve("blobs"));
        },
        "snapshots");
    damage(
        "missing config",
        GoldenModels.SINGLE,
        dir -> Files.delete(dir.resolve(CONFIG)),
        CONFIG,
        "no such file");
    damage(
        "adapter",
        GoldenModels.SINGLE,
        dir -> Files.move(dir.resolve(CONFIG), dir.resolve("adapter_config.json")),
        "LoRA adapter",
        "base model");
    damage(
        "missing weights",
        GoldenModels.SINGLE,
        dir -> Files.move(dir.resolve(WEIGHTS), dir.resolve("w.safetensors")),
        "'w.safetensors'",
        WEIGHTS,
        INDEX);
    damage(
        "config is a folder",
        GoldenModels.SINGLE,
        dir -> {
          Files.delete(dir.resolve(CONFIG));
          Files.createDirectory(dir.resolve(CONFIG));
        },
        CONFIG,
        "no regular file");
  }

  private void files() {
    damage(
        "cut by a byte",
        GoldenModels.SINGLE,
        dir -> resize(dir.resolve(WEIGHTS), -1),
        WEIGHTS,
        "after its header",
        "cut short");
    damage(
        "cut in half",
        GoldenModels.SINGLE,
        dir -> resize(dir.resolve(WEIGHTS), -900_000),
        "cut short");
    damage(
        "longer by a byte",
        GoldenModels.SINGLE,
        dir -> resize(dir.resolve(WEIGHTS), 1),
        "has 1800705 bytes, expected 1800704");
    damage(
        "zero bytes",
        GoldenModels.SINGLE,
        dir -> Files.write(dir.resolve(WEIGHTS), new byte[0]),
        "has 0 bytes",
        "cut short");
    damage(
        "seven bytes",
        GoldenModels.SINGLE,
        dir -> Files.write(dir.resolve(WEIGHTS), new byte[7]),
        "has 7 bytes");
    damage(
        "weights are a folder",
        GoldenModels.SINGLE,
        dir -> {
          Files.delete(dir.resolve(WEIGHTS));
          Files.createDirectory(dir.resolve(WEIGHTS));
        },
        WEIGHTS,
        "no regular file");
    damage(
        "broken link",
        GoldenModels.SINGLE,
        dir -> {
          Files.delete(dir.resolve(WEIGHTS));
          Files.createSymbolicLink(dir.resolve(WEIGHTS), Path.of("nowhere"));
        },
        WEIGHTS,
        "no such file");
  }
}
