package io.github.gptoss.spark.internal.models;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** A model in memory, whose content follows from its version, without checksums. */
final class FakeSource implements ModelSource {
  /** The most bytes that one read serves. */
  static final int READ_BYTES = 4096;

  final Map<String, byte[]> files = new TreeMap<>();
  final AtomicLong servedBytes = new AtomicLong();
  final AtomicLong opened = new AtomicLong();
  volatile Runnable beforeFailing = () -> {};
  volatile long failsAtByte = Long.MAX_VALUE;
  volatile String version;

  FakeSource(String version, int bytes) {
    this.version = version;
    Random random = new Random(version.hashCode());
    files.put("config.json", new byte[] {'{', '}'});
    for (int part = 1; part <= 3; part++) {
      byte[] content = new byte[bytes];
      random.nextBytes(content);
      files.put("model-0000" + part + "-of-00003.safetensors", content);
    }
  }

  @Override
  public String address() {
    return "fake://model";
  }

  @Override
  public ModelListing list() {
    return new ModelListing(
        version,
        files.entrySet().stream()
            .map(file -> new ModelFile(file.getKey(), file.getValue().length, null))
            .toList());
  }

  @Override
  public InputStream open(ModelFile file, long offset) {
    opened.incrementAndGet();
    byte[] content = files.get(file.name());
    InputStream in = new ByteArrayInputStream(content, (int) offset, content.length - (int) offset);
    return new InputStream() {
      private long at = offset;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        if (at >= failsAtByte) {
          beforeFailing.run();
          throw new IOException("the net broke");
        }
        int read =
            in.read(into, from, (int) Math.min(Math.min(length, READ_BYTES), failsAtByte - at));
        at += Math.max(0, read);
        servedBytes.addAndGet(Math.max(0, read));
        return read;
      }
    };
  }

  @Override
  public void close() {}
}
