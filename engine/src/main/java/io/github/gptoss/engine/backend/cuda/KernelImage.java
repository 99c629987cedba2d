package io.github.gptoss.engine.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The compiled kernels of this jar, or the build's word that it has none.
 *
 * @param image ends with a zero byte, as PTX text has to
 * @param toolkitVersion of the nvcc that compiled them, 13.0 as 13000; 0 if nothing was compiled
 */
record KernelImage(byte[] image, int toolkitVersion) {
  private static final String FATBIN = "kernels.fatbin";
  private static final String TOOLKIT = "kernels.toolkit";
  private static final String PLACEHOLDER = "built without CUDA kernels";

  /** The section of a kernel's code, in the name table of each cubin of the uncompressed fatbin. */
  private static final Pattern CODE_SECTION = Pattern.compile("\\.text\\.(\\w+)\0");

  static KernelImage read() {
    byte[] fatbin = resource(FATBIN);
    if (fatbin == null) {
      fatbin = (PLACEHOLDER + ": the jar has no " + FATBIN).getBytes(StandardCharsets.US_ASCII);
    }
    byte[] toolkit = resource(TOOLKIT);
    return new KernelImage(
        Arrays.copyOf(fatbin, fatbin.length + 1),
        toolkit == null ? 0 : version(new String(toolkit, StandardCharsets.US_ASCII).strip()));
  }

  /** 13.0 is 13000, as cuDriverGetVersion counts. */
  private static int version(String text) {
    String[] parts = text.split("\\.", -1);
    return Integer.parseInt(parts[0]) * 1000 + Integer.parseInt(parts[1]) * 10;
  }

  private static byte[] resource(String name) {
    try (InputStream in = KernelImage.class.getResourceAsStream(name)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of the kernels, those of every compute capability together; empty if there are none. */
  Set<String> kernelNames() {
    Set<String> names = new TreeSet<>();
    Matcher section = CODE_SECTION.matcher(new String(image, StandardCharsets.ISO_8859_1));
    while (section.find()) {
      names.add(section.group(1));
    }
    return names;
  }

  /** Why there are no kernels; null if there are. */
  String placeholder() {
    String start = new String(image, 0, Math.min(image.length, 300), StandardCharsets.ISO_8859_1);
    return start.startsWith(PLACEHOLDER) ? start.replace("\0", "").strip() : null;
  }
}
