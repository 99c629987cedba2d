package io.github.gptoss.engine.tensor;

import static io.github.gptoss.engine.json.FileError.error;
import static io.github.gptoss.engine.json.UntrustedText.quote;

import io.github.gptoss.engine.error.InvalidModelException;
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
    return error("%s: no such file. Download the checkpoint again, with all its files.", path);
  }

  static InvalidModelException notRegular(Path path) {
    return error(
        "%s: is no regular file, expected a safetensors file. Put the downloaded file there.",
        path);
  }

  static InvalidModelException unreadable(Path path, IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return error(
          "%s: cannot be read: permission denied. Give this user read access.", path, cause);
    }
    return cause instanceof NoSuchFileException
        ? error("%s: was removed while it was in use. Put it back and try again.", path, cause)
        : error("%s: cannot be read: %s. Check the disk and the file.", path, cause);
  }

  static InvalidModelException changed(Path path, long bytesThen, long bytesNow) {
    return error(
        "%s: changed while it was in use: it had %d bytes when it was opened and has %d now. Leave"
            + " a checkpoint alone while it is used; open it again.",
        path, bytesThen, bytesNow);
  }

  static InvalidModelException foreign(Path path, String what, String fix) {
    return error("%s: is %s, expected a safetensors file. %s", path, what, fix);
  }

  static InvalidModelException tooShort(Path path, long bytes) {
    return error(
        "%s: has %d bytes, expected at least %d for a safetensors header.%s",
        path, bytes, SafetensorsFile.LENGTH_BYTES + 2, CUT);
  }

  static InvalidModelException headerLength(Path path, long headerBytes) {
    return error(
        "%s: its first 8 bytes give a header length of %s, expected 2 to %d. This is no safetensors"
            + " file or a damaged one; download it again.",
        path, Long.toUnsignedString(headerBytes), SafetensorsFile.MAX_HEADER_BYTES);
  }

  static InvalidModelException headerBeyondFile(Path path, long headerBytes, long fileBytes) {
    return error(
        "%s: its first 8 bytes give a header length of %d, but the file has only %d bytes in all."
            + " It is cut short or no safetensors file; download it again.",
        path, headerBytes, fileBytes);
  }

  static InvalidModelException headerNotJson(Path path, IOException cause) {
    return error("%s: its header is not valid JSON: %s.%s", path, cause, AGAIN);
  }

  static InvalidModelException headerNotObject(Path path) {
    return error(
        "%s: its header is not a JSON object, expected one of tensor names.%s", path, AGAIN);
  }

  static InvalidModelException headerTrailing(Path path) {
    return error(
        "%s: its header goes on after the JSON object, expected only spaces.%s", path, AGAIN);
  }

  static InvalidModelException tooManyTensors(Path path, int max) {
    return error(
        "%s: its header lists more than %d tensors. This is no gpt-oss checkpoint.", path, max);
  }

  static InvalidModelException metadata(Path path) {
    return error("%s: '__metadata__' in its header is no object of strings.%s", path, AGAIN);
  }

  static InvalidModelException entry(Path path, String tensor, String problem) {
    return error("%s: tensor %s %s.%s", path, quote(tensor), problem, AGAIN);
  }

  static InvalidModelException dtype(Path path, String tensor, String actual) {
    return error(
        "%s: tensor %s has dtype %s, expected one of %s. Save the checkpoint with one of these"
            + " types.",
        path, quote(tensor), quote(actual), Arrays.toString(DType.values()));
  }

  static InvalidModelException size(
      Path path, String tensor, DType dtype, long[] shape, long expected, long actual) {
    return error(
        "%s: tensor %s has %d bytes by its data_offsets, expected %d for %s%s.%s",
        path, quote(tensor), actual, expected, dtype, Arrays.toString(shape), AGAIN);
  }

  static InvalidModelException beyondFile(
      Path path, String tensor, long begin, long end, long dataBytes) {
    return error(
        "%s: tensor %s has data_offsets [%d, %d], but the file has only %d bytes after its"
            + " header.%s",
        path, quote(tensor), begin, end, dataBytes, CUT);
  }

  static InvalidModelException overlap(StoredTensor previous, StoredTensor tensor, long dataFrom) {
    long begin = tensor.offset() - dataFrom;
    long end = previous.offset() + previous.bytes() - dataFrom;
    return error(
        "%s: tensor %s begins at byte %d, within tensor %s, expected %d or more: tensors overlap.%s",
        tensor.file(), quote(tensor.name()), begin, quote(previous.name()), end, AGAIN);
  }

  static InvalidModelException gap(StoredTensor tensor, long expectedBegin, long dataFrom) {
    long begin = tensor.offset() - dataFrom;
    return error(
        "%s: tensor %s begins at byte %d, expected %d: bytes in between belong to no tensor.%s",
        tensor.file(), quote(tensor.name()), begin, expectedBegin, AGAIN);
  }

  static InvalidModelException uncovered(Path path, long expectedBytes, long actualBytes) {
    return error(
        "%s: has %d bytes, expected %d by its header: bytes at its end belong to no tensor.%s",
        path, actualBytes, expectedBytes, AGAIN);
  }
}
