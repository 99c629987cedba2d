package io.github.gptoss.spark.internal.monitor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The files of a report, in any filesystem of Hadoop's. */
public final class ReportFiles {
  /** Sorts as the runs began, and has no characters that some filesystem refuses. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss'Z'").withZone(ZoneOffset.UTC);

  private ReportFiles() {}

  /**
   * Writes {@code NAME-TIME-RUN.html} and {@code .md}; the page's path.
   *
   * @param folder made where it is not there
   * @param kind of report, the beginning of the files' names
   */
  public static String write(
      String folder, String kind, Instant started, String runId, Report report, Configuration conf)
      throws IOException {
    Path path = new Path(folder);
    FileSystem files = path.getFileSystem(conf);
    String run = runId.length() > 8 ? runId.substring(0, 8) : runId;
    String name = kind + "-" + TIME.format(started) + "-" + run;
    Path page = files.makeQualified(new Path(path, name + ".html"));
    write(files, page, HtmlReport.render(report));
    write(files, new Path(path, name + ".md"), MarkdownReport.render(report));
    return page.toString();
  }

  private static void write(FileSystem files, Path path, String text) throws IOException {
    try (OutputStream out = files.create(path, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
