package io.github.gptoss.spark;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTest {
  private static final String ROOT = "io.github.gptoss.spark.internal";

  /** The connector's one public package beside its root. */
  private static final String TOOLS = "io.github.gptoss.spark.tools";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.github.gptoss.spark");

  static Stream<Arguments> arrows() {
    return Stream.of(
        arguments("options", List.of()),
        arguments("arrow", List.of()),
        arguments("grading", List.of()),
        arguments("models", List.of("options")),
        arguments("parsed", List.of("options")),
        arguments("tools", List.of("options")),
        arguments("prompts", List.of("tools", "parsed", "options")),
        arguments("tasks", List.of("prompts", "options")),
        arguments("completions", List.of("arrow", "parsed", "options")),
        arguments("engine", List.of("completions", "models", "options")),
        arguments("journal", List.of("engine", "completions", "arrow")),
        arguments("budget", List.of("engine", "options")),
        arguments(
            "batch",
            List.of(
                "budget",
                "engine",
                "completions",
                "parsed",
                "prompts",
                "tools",
                "arrow",
                "options")),
        arguments("monitor", List.of("engine", "completions", "models", "options")),
        arguments(
            "sql",
            List.of(
                "batch",
                "budget",
                "journal",
                "completions",
                "tasks",
                "prompts",
                "tools",
                "parsed",
                "models",
                "options")),
        arguments("sql.rules", List.of("sql", "batch", "completions", "prompts", "options")),
        arguments("source.openai", List.of("prompts", "completions", "options")),
        arguments(
            "source",
            List.of("source.openai", "sql.rules", "sql", "prompts", "monitor", "options")),
        arguments(
            "job",
            List.of(
                "sql.rules",
                "sql",
                "journal",
                "budget",
                "monitor",
                "engine",
                "completions",
                "prompts",
                "models",
                "options")),
        arguments(
            "eval",
            List.of(
                "job",
                "grading",
                "sql.rules",
                "sql",
                "monitor",
                "completions",
                "prompts",
                "options")));
  }

  @ParameterizedTest
  @MethodSource("arrows")
  void packageKnowsOnlyThoseBelowIt(String name, List<String> below) {
    String[] inner =
        Stream.concat(Stream.of(name), below.stream())
            .map(p -> ROOT + "." + p)
            .toArray(String[]::new);
    String[] known = name.equals("tools") || below.contains("tools") ? with(inner, TOOLS) : inner;
    noClasses()
        .that()
        .resideInAPackage(ROOT + "." + name)
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.gptoss.spark..").and(not(resideInAnyPackage(known))))
        .check(CLASSES);
  }

  private static String[] with(String[] packages, String one) {
    return Stream.concat(Arrays.stream(packages), Stream.of(one)).toArray(String[]::new);
  }

  /** Those who write an executor need nothing else. */
  @Test
  void toolExecutorsKnowNothingOfTheConnector() {
    noClasses()
        .that()
        .resideInAPackage(TOOLS)
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.gptoss..").and(not(resideInAPackage(TOOLS))))
        .check(CLASSES);
  }

  @Test
  void everyPackageHasItsArrows() {
    String[] known =
        Stream.concat(
                Stream.of("io.github.gptoss.spark", TOOLS),
                arrows().map(arrow -> ROOT + "." + arrow.get()[0]))
            .toArray(String[]::new);
    classes().should().resideInAnyPackage(known).check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void usesOnlyTheEnginesPublicPackages() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.github.gptoss.spark..",
            "io.github.gptoss.engine",
            "io.github.gptoss.engine.harmony",
            "io.github.gptoss.engine.sampling",
            "io.github.gptoss.engine.constraint",
            "io.github.gptoss.engine.error",
            "java..",
            "scala..",
            "org.apache.spark..",
            "org.apache.arrow..",
            "org.apache.hadoop..",
            "org.apache.commons.codec..",
            "org.apache.commons.math3..",
            "com.google.re2j..",
            "com.fasterxml.jackson..",
            "com.codahale.metrics..",
            "jakarta.servlet..",
            "org.slf4j..")
        .check(CLASSES);
  }

  /** Nested classes are one with the class that holds them. */
  @Test
  void noClassesOfTheJobKnowEachOtherInACircle() {
    slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass type) {
                return type.getPackageName().equals(ROOT + ".job")
                    ? SliceIdentifier.of(type.getName().replaceAll("\\$.*", ""))
                    : SliceIdentifier.ignore();
              }

              @Override
              public String getDescription() {
                return "classes of package job";
              }
            })
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  @Test
  void arrowStaysOffThePlanningSide() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            ROOT + ".arrow", ROOT + ".completions", ROOT + ".batch", ROOT + ".journal")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.arrow..")
        .check(CLASSES);
  }
}
