package io.github.gptoss.spark.internal.models;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A process of its own that copies {@link FakeSource} or prunes the cache. */
final class CopyProcess {
  static final String ADDRESS = "fake://bucket/model";
  static final int BYTES = 2_000_000;
  static final int CHUNK_BYTES = 100_000;

  private CopyProcess() {}

  /**
   * Cache folder, and how long each 100 kB take. Prints how many bytes it copied itself. With the
   * third argument {@code hold}, keeps the model open after that until it is killed. With {@code
   * prune}, prints instead how many versions it removed.
   */
  public static void main(String[] args) throws InterruptedException {
    if (args.length > 2 && args[2].equals("prune")) {
      CachedModels models = CachedModels.in(args[0]);
      System.out.println(models.prune(CachedModels.Which.ALL, Duration.ZERO, false).size());
      return;
    }
    FakeSource fake = new FakeSource("aaaaaaaaaaaaaaaa", BYTES);
    ModelSource slow = new SlowSource(fake, Long.parseLong(args[1]));
    LocalModel model =
        cache(Path.of(args[0]))
            .obtain(ADDRESS, fake.list(), slow, false, CopyProgress.Listener.NONE);
    System.out.println("copied " + fake.servedBytes.get());
    if (args.length > 2) {
      Thread.sleep(Long.MAX_VALUE);
    }
    model.close();
  }

  static ModelCache cache(Path root) {
    return new ModelCache(root, Retries.DEFAULT, CHUNK_BYTES, folder -> 1L << 40);
  }

  static Process start(Path root, long millis, String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                CopyProcess.class.getName(),
                root.toString(),
                Long.toString(millis)));
    command.addAll(List.of(more));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private record SlowSource(FakeSource fake, long millis) implements ModelSource {
    @Override
    public String address() {
      return fake.address();
    }

    @Override
    public ModelListing list() {
      return fake.list();
    }

    @Override
    public InputStream open(ModelFile file, long offset) {
      return new FilterInputStream(fake.open(file, offset)) {
        private long sinceRest;

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
          int read = super.read(into, from, length);
          sinceRest += Math.max(0, read);
          if (sinceRest >= 100_000) {
            sinceRest = 0;
            try {
              Thread.sleep(millis);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
          return read;
        }
      };
    }

    @Override
    public void close() {}
  }
}
