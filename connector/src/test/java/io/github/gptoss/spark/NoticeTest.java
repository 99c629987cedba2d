package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** NOTICE names all that the jar bundles, with the version and the licence that it has. */
class NoticeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern LICENCE = Pattern.compile("\\b(\\w+) License\\b");
  private static final XPath XPATH = XPathFactory.newInstance().newXPath();

  private static Document pom(String path) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(ROOT.resolve(path).toFile());
  }

  /** What the shade plugin puts into the jar, as group:artifact. */
  private static List<String> bundled() throws Exception {
    NodeList includes =
        (NodeList)
            XPATH.evaluate(
                "//artifactSet/includes/include", pom("connector/pom.xml"), XPathConstants.NODESET);
    List<String> bundled = new ArrayList<>();
    for (int i = 0; i < includes.getLength(); i++) {
      bundled.add(includes.item(i).getTextContent());
    }
    bundled.remove("io.github.gptoss:gptoss-spark-engine");
    assertThat(bundled).contains("com.knuddels:jtokkit", "org.jcuda:jcuda-natives");
    return bundled;
  }

  /** The version that the parent's POM manages. */
  private static String version(String group, String artifact) throws Exception {
    Document parent = pom("pom.xml");
    String version =
        XPATH.evaluate(
            "//dependencyManagement//dependency[groupId='%s' and artifactId='%s']/version"
                .formatted(group, artifact),
            parent);
    Matcher property = Pattern.compile("\\$\\{(.*)}").matcher(version);
    return property.matches()
        ? XPATH.evaluate("/project/properties/" + property.group(1), parent)
        : version;
  }

  @Test
  void namesTheVersionAndTheLicenceOfAllThatIsBundled() throws Exception {
    String notice = Files.readString(ROOT.resolve("NOTICE"));
    List<String> entries = notice.lines().filter(line -> !line.isBlank()).toList();
    // An entry is a line that begins with a dash, and those indented below it.
    List<String> joined = new ArrayList<>();
    for (String line : entries) {
      if (line.startsWith("- ")) {
        joined.add(line);
      } else if (line.startsWith("  ") && !joined.isEmpty()) {
        joined.set(joined.size() - 1, joined.get(joined.size() - 1) + " " + line.strip());
      }
    }
    for (String bundled : bundled()) {
      String[] name = bundled.split(":", 2);
      String version = version(name[0], name[1]);
      assertThat(version).as(bundled).isNotEmpty();
      List<String> named =
          joined.stream()
              .filter(entry -> entry.contains("(" + name[0] + ":"))
              .filter(
                  entry ->
                      Pattern.compile("[: ]" + Pattern.quote(name[1]) + "[ )]")
                          .matcher(entry)
                          .find())
              .toList();
      assertThat(named).as("entries of NOTICE for " + bundled).hasSize(1);
      assertThat(named.get(0)).contains(" " + version + " (", "Copyright (c)");
      Matcher licence = LICENCE.matcher(named.get(0));
      assertThat(licence.find()).as(named.get(0)).isTrue();
      assertThat(notice)
          .as("the text of the licence of " + bundled)
          .containsPattern("(?m)^The " + licence.group(1) + " License.*:$");
    }
  }
}
