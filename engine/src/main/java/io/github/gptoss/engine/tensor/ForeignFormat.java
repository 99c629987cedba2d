package io.github.gptoss.engine.tensor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Recognises what people have instead of a safetensors file, by its first bytes. */
enum ForeignFormat {
  GGUF("GGUF", "a GGUF file", "Download the safetensors files of the model instead."),
  PYTORCH_ZIP("PK\003\004", "a PyTorch or zip archive", "Download the model's safetensors files."),
  LFS_POINTER("version ", "a Git LFS pointer, not the file itself", "Run 'git lfs pull' there."),
  HTML("<!DOCTYP", "an HTML page", "The download failed; download the file again."),
  HTML_LOWER("<!doctyp", "an HTML page", "The download failed; download the file again.");

  private final String magic;
  private final String what;
  private final String fix;

  ForeignFormat(String magic, String what, String fix) {
    this.magic = magic;
    this.what = what;
    this.fix = fix;
  }

  static void refuse(Path path, ByteBuffer start) {
    String text = ISO_8859_1.decode(start).toString();
    for (ForeignFormat format : values()) {
      if (text.startsWith(format.magic)) {
        throw SafetensorsErrors.foreign(path, format.what, format.fix);
      }
    }
  }
}
