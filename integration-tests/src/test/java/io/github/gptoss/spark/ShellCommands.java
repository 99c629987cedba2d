package io.github.gptoss.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The commands of a shell's text, and whether this project has what they name. */
final class ShellCommands {
  /**
   * Has bash say each simple command, its words as bash reads them, in the place of running it. No
   * program is found, not even one in a substitution.
   */
  private static final String SAY =
      """
      exec 3>&1
      set -f -T
      shopt -s extdebug
      PATH=/nonexistent
      trap 'eval "words=($BASH_COMMAND)"; printf "%s\\0" "${words[@]}" >&3; printf "\\1\\0" >&3; false' DEBUG
      """;

  private static final Pattern FOLDER =
      Pattern.compile(
          "@?((?:bin|benchmarks|conf|dev|docs|engine|examples|gpu|integration-tests|python)/.*)");
  private static final Pattern OUR_CLASS = Pattern.compile("io\\.github\\.gptoss\\.[\\w.]+");

  private final HelpTexts help;

  ShellCommands(HelpTexts help) {
    this.help = help;
  }

  /** The words of each command. */
  static List<List<String>> of(String shell) throws IOException, InterruptedException {
    Process bash =
        new ProcessBuilder("/bin/bash", "-c", SAY + shell)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(bash.getInputStream().readAllBytes(), UTF_8);
    bash.waitFor();
    List<List<String>> commands = new ArrayList<>();
    for (String command : said.split("\1\0")) {
      commands.add(List.of(command.split("\0")));
    }
    return commands;
  }

  /** Expects a command to name nothing that there is not. */
  void check(List<String> command) throws IOException, InterruptedException {
    for (String word : command) {
      checkPath(word);
      checkClass(word);
    }
    List<String> arguments = command.subList(1, command.size());
    switch (command.get(0)) {
      case "bin/gptoss" -> checkOptions(arguments, help.of("bin/gptoss", arguments.get(0)));
      case "bin/spark-sql" -> checkOptions(arguments, help.of("bin/spark-sql"));
      case "bin/spark-submit", "spark-submit" -> checkSubmit(arguments);
      case "mvn" -> checkMaven(arguments);
      default -> {}
    }
  }

  private static void checkPath(String word) {
    Matcher path = FOLDER.matcher(word);
    if (path.matches() && !word.contains("/target/")) {
      Path file = Sessions.ROOT.resolve(path.group(1));
      assertThat(file).exists();
    }
  }

  private static void checkClass(String word) throws IOException {
    Matcher name = OUR_CLASS.matcher(word);
    if (name.matches()) {
      assertThat(sources("/" + name.group().replace('.', '/') + ".java")).as(word).isNotEmpty();
    }
  }

  private static List<Path> sources(String end) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Sessions.ROOT)) {
      for (Path module : modules.filter(m -> Files.exists(m.resolve("pom.xml"))).toList()) {
        try (Stream<Path> files = Files.walk(module.resolve("src"))) {
          files.filter(file -> file.toString().endsWith(end)).forEach(found::add);
        }
      }
    }
    return found;
  }

  /** Options that a help text does not have fail. */
  private static void checkOptions(List<String> arguments, String help) {
    for (String argument : arguments) {
      if (argument.matches("--?[a-z][^\\s]*")) {
        String option = argument.replaceFirst("=.*", "");
        assertThat(help).as(String.join(" ", arguments)).containsPattern(wholeOption(option));
      }
    }
  }

  private static String wholeOption(String option) {
    return "(?<![\\w-])" + Pattern.quote(option) + "(?![\\w-])";
  }

  /** What is before the program's jar is Spark's, and what is behind it the program's. */
  private void checkSubmit(List<String> arguments) throws IOException, InterruptedException {
    int jar = 0;
    while (jar < arguments.size()
        && !arguments.get(jar).endsWith(".jar")
        && !arguments.get(jar).equals("...")) {
      jar++;
    }
    checkOptions(arguments.subList(0, jar), help.of("bin/spark-submit"));
    checkOptions(arguments.subList(jar, arguments.size()), help.ofPrograms());
  }

  private static void checkMaven(List<String> arguments) throws IOException {
    String root = Files.readString(Sessions.ROOT.resolve("pom.xml"));
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals("-pl")) {
        for (String module : arguments.get(i + 1).split(",")) {
          assertThat(root).contains("<module>" + module + "</module>");
        }
      } else if (argument.startsWith("-P")) {
        assertThat(root).contains("<id>" + argument.substring(2) + "</id>");
      } else if (argument.matches("-D(it\\.)?test=.*") && !argument.endsWith("=NoTest")) {
        for (String test : argument.substring(argument.indexOf('=') + 1).split(",")) {
          assertThat(sources("/" + test + ".java")).as(argument).isNotEmpty();
        }
      }
    }
  }
}
