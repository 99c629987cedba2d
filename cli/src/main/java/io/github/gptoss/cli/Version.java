package io.github.gptoss.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that Maven recorded in the jar. */
final class Version implements IVersionProvider {
  private static final String RESOURCE =
      "/META-INF/maven/io.github.gptoss/gptoss-spark-cli/pom.properties";

  @Override
  public String[] getVersion() throws IOException {
    try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return new String[] {"gptoss " + properties.getProperty("version", "(not packaged)")};
    }
  }
}
