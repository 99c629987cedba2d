package io.github.gptoss.engine.tensor;

import static io.github.gptoss.engine.json.UntrustedText.oneLine;
import static io.github.gptoss.engine.json.UntrustedText.quote;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.json.StrictJson;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** The errors of safetensors files, each one line: file, tensor, actual, expected, way out. */
final class SafetensorsErrors {
  private static final String AGAIN = " The file is damaged; download it again.";
  private static final String CUT = " The file is cut short; download it again.";

  private SafetensorsErrors() {}

  static InvalidModelException missing(Path path) {
    return error(path, "no such file. Download the checkpoint again, with all its files.");
  }

  static InvalidModelException notRegular(Path path) {
    return error(
        path, "is no regular file, expected a safetensors file. Put the downloaded file there.");
  }

  static InvalidModelException unreadable(Path path, IOException cause) {
    String message =
        cause instanceof AccessDeniedException
            ? "cannot be read: permission denied. Give this user read access."
            : cause instanceof NoSuchFileException
                ? "was removed while it was in use. Put it back and try again."
                : "cannot be read: " + StrictJson.reason(cause) + ". Check the disk and the file.";
    return new InvalidModelException(oneLine(path) + ": " + message, cause);
  }

  static InvalidModelException changed(Path path, long bytesThen, long bytesNow) {
    return error(
        path,
        "changed while it was in use: it had %d bytes when it was opened and has %d now. Leave a"
            + " checkpoint alone while it is used; open it again.",
        bytesThen,
        bytesNow);
  }

  static InvalidModelException foreign(Path path, String what, String fix) {
    return error(path, "is %s, expected a safetensors file. %s", what, fix);
  }

  static InvalidModelException tooShort(Path path, long bytes) {
    return error(
        path,
        "has %d bytes, expected at least %d for a safetensors header." + CUT,
        bytes,
        SafetensorsFile.LENGTH_BYTES + 2);
  }

  static InvalidModelException headerLength(Path path, long headerBytes) {
    return error(
        path,
        "its first 8 bytes give a header length of %s, expected 2 to %d. This is no safetensors"
            + " file or a damaged one; download it again.",
        Long.toUnsignedString(headerBytes),
        SafetensorsFile.MAX_HEADER_BYTES);
  }

  static InvalidModelException headerBeyondFile(Path path, long headerBytes, long fileBytes) {
    return error(
        path,
        "its first 8 bytes give a header length of %d, but the file has only %d bytes in all."
            + " It is cut short or no safetensors file; download it again.",
        headerBytes,
        fileBytes);
  }

  static InvalidModelException headerNotJson(Path path, IOException cause) {
    return new InvalidModelException(
        oneLine(path) + ": its header is not valid JSON: " + StrictJson.reason(cause) + "." + AGAIN,
        cause);
  }

  static InvalidModelException headerNotObject(Path path) {
    return error(path, "its header is not a JSON object, expected one of tensor names." + AGAIN);
  }

  static InvalidModelException headerTrailing(Path path) {
    return error(path, "its header goes on after the JSON object, expected only spaces." + AGAIN);
  }

  static InvalidModelException tooManyTensors(Path path, int max) {
    return error(
        path, "its header lists more than %d tensors. This is no gpt-oss checkpoint.", max);
  }

  static InvalidModelException metadata(Path path) {
    return error(path, "'__metadata__' in its header is no object of strings." + AGAIN);
  }

  static InvalidModelException entry(Path path, String tensor, String problem) {
    return error(path, "tensor %s %s." + AGAIN, quote(tensor), problem);
  }

  static InvalidModelException dtype(Path path, String tensor, String actual) {
    return error(
        path,
        "tensor %s has dtype %s, expected one of %s. Save the checkpoint with one of these types.",
        quote(tensor),
        quote(actual),
        Arrays.toString(DType.values()));
  }

  static InvalidModelException size(
      Path path, String tensor, DType dtype, long[] shape, long expected, long actual) {
    return error(
        path,
        "tensor %s has %d bytes by its data_offsets, expected %d for %s%s." + AGAIN,
        quote(tensor),
        actual,
        expected,
        dtype,
        Arrays.toString(shape));
  }

  static InvalidModelException beyondFile(
      Path path, String tensor, long begin, long end, long dataBytes) {
    return error(
        path,
        "tensor %s has data_offsets [%d, %d], but the file has only %d bytes after its header."
            + CUT,
        quote(tensor),
        begin,
        end,
        dataBytes);
  }

  static InvalidModelException overlap(StoredTensor previous, StoredTensor tensor, long dataFrom) {
    return error(
        tensor.file(),
        "tensor %s begins at byte %d, within tensor %s, expected %d or more: tensors overlap."
            + AGAIN,
        quote(tensor.name()),
        tensor.offset() - dataFrom,
        quote(previous.name()),
        previous.offset() + previous.bytes() - dataFrom);
  }

  static InvalidModelException gap(StoredTensor tensor, long expectedBegin, long dataFrom) {
    return error(
        tensor.file(),
        "tensor %s begins at byte %d, expected %d: bytes in between belong to no tensor." + AGAIN,
        quote(tensor.name()),
        tensor.offset() - dataFrom,
        expectedBegin);
  }

  static InvalidModelException uncovered(Path path, long expectedBytes, long actualBytes) {
    return error(
        path,
        "has %d bytes, expected %d by its header: bytes at its end belong to no tensor." + AGAIN,
        actualBytes,
        expectedBytes);
  }

  // @FormatMethod would need Error Prone's annotations at run time.
  @SuppressWarnings("AnnotateFormatMethod")
  private static InvalidModelException error(Path path, String format, Object... arguments) {
    return new InvalidModelException(oneLine(path) + ": " + String.format(format, arguments));
  }
}
