package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles Java of the documentation, which leaves out what is around it. */
final class JavaSnippets {
  private static final String IMPORTS =
      """
      import static org.apache.spark.sql.functions.col;
      import io.github.gptoss.engine.*;
      import io.github.gptoss.engine.harmony.*;
      import io.github.gptoss.spark.*;
      import io.github.gptoss.spark.tools.*;
      import java.nio.IntBuffer;
      import java.util.*;
      import org.apache.spark.sql.Dataset;
      import org.apache.spark.sql.Row;
      import org.apache.spark.sql.SparkSession;
      """;

  /** What a reader has by other means. */
  private static final String MEMBERS =
      """
      static SparkSession spark;
      static Dataset<Row> tickets;
      static String rate(String arguments) { return arguments; }
      """;

  private JavaSnippets() {}

  /**
   * Expects statements, or a class, to compile against the shipped jar.
   *
   * @param folder for class files
   */
  static void compile(String code, Path folder) throws Exception {
    String imports = code.lines().filter(JavaSnippets::isImport).collect(Collectors.joining("\n"));
    String body =
        code.lines().filter(line -> !isImport(line)).collect(Collectors.joining("\n")).strip();
    if (!body.matches("(?s)public (final )?class .*")) {
      body = "static void statements() throws Exception {\n" + body + "\n}";
    }
    String source = IMPORTS + imports + "\nclass Snippet {\n" + MEMBERS + body + "\n}\n";
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                messages,
                null,
                null,
                List.of(
                    "-proc:none",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "-d",
                    Files.createDirectories(folder).toString()),
                null,
                List.of(file(source)))
            .call();
    assertThat(compiled).as(messages + "\n" + source).isTrue();
  }

  private static boolean isImport(String line) {
    return line.startsWith("import ");
  }

  private static JavaFileObject file(String source) {
    return new SimpleJavaFileObject(
        URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return source;
      }
    };
  }
}
