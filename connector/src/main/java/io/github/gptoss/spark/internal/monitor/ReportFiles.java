package io.github.gptoss.spark.internal.monitor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The files of a run's report, in any filesystem of Hadoop's. */
public final class ReportFiles {
  /** Sorts as the runs began, and has no characters that some filesystem refuses. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss'Z'").withZone(ZoneOffset.UTC);

  private ReportFiles() {}

  /**
   * Writes {@code gptoss-TIME-RUN.html} and {@code .md}; the page's path.
   *
   * @param folder made where it is not there
   */
  public static String write(String folder, RunFigures figures, Configuration conf)
      throws IOException {
    Path path = new Path(folder);
    FileSystem files = path.getFileSystem(conf);
    String run = figures.runId().length() > 8 ? figures.runId().substring(0, 8) : figures.runId();
    String name = "gptoss-" + TIME.format(figures.started()) + "-" + run;
    Path page = files.makeQualified(new Path(path, name + ".html"));
    write(files, page, HtmlReport.render(figures));
    write(files, new Path(path, name + ".md"), MarkdownReport.render(figures));
    return page.toString();
  }

  private static void write(FileSystem files, Path path, String text) throws IOException {
    try (OutputStream out = files.create(path, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
