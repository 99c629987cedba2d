package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The container image's file, as far as it can be checked without building an image. */
class KubernetesImageIT {
  private static final Pattern ARGUMENT = Pattern.compile("(?m)^ARG (\\w+)=(.*)$");
  private static final Pattern COPY = Pattern.compile("(?m)^COPY (?!--from)(\\S+) (\\S+)$");

  private static String dockerfile;

  @BeforeAll
  static void read() throws Exception {
    dockerfile = Files.readString(Sessions.ROOT.resolve("conf/kubernetes/Dockerfile"));
  }

  /** The files of the built tree that are copied, by the folders that they come to. */
  private static Map<String, List<Path>> copied() throws Exception {
    Map<String, String> arguments = new HashMap<>();
    ARGUMENT.matcher(dockerfile).results().forEach(r -> arguments.put(r.group(1), r.group(2)));
    Map<String, List<Path>> copied = new HashMap<>();
    for (MatchResult copy : COPY.matcher(dockerfile).results().toList()) {
      String source = copy.group(1);
      for (var argument : arguments.entrySet()) {
        source = source.replace("${" + argument.getKey() + "}", argument.getValue());
      }
      Path pattern = Path.of(source);
      List<Path> files = new ArrayList<>();
      try (var found =
          Files.newDirectoryStream(
              Sessions.ROOT.resolve(pattern).getParent(), pattern.getFileName().toString())) {
        found.forEach(files::add);
      }
      copied.put(copy.group(2), files);
    }
    return copied;
  }

  @Test
  void theConnectorIsCopiedToSparksJars() throws Exception {
    assertThat(copied().get("/opt/spark/jars/")).containsExactly(Path.of(Sessions.connectorJar()));
  }

  @Test
  void theImageHasThePathsOfTheConfiguration() throws Exception {
    Properties conf = new Properties();
    try (var in = Files.newBufferedReader(Sessions.ROOT.resolve("conf/spark-kubernetes.conf"))) {
      conf.load(in);
    }
    Path script = Path.of(conf.getProperty("spark.executor.resource.gpu.discoveryScript").strip());
    assertThat(copied().get(script.getParent() + "/"))
        .containsExactly(Sessions.ROOT.resolve("conf").resolve(script.getFileName()))
        .allMatch(Files::isExecutable);
    assertThat(dockerfile)
        .contains("-o spark -g spark " + conf.getProperty("spark.gptoss.model_cache_dir").strip());
  }
}
