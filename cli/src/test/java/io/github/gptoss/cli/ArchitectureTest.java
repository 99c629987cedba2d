package io.github.gptoss.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What the command line may know. */
class ArchitectureTest {
  private static final String ENGINE = "io.github.gptoss.engine";

  private static final String SHELL = "io.github.gptoss.cli.sql";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.github.gptoss.cli");

  /** Neither the engine's computing packages, nor Spark, which is not there when it runs. */
  @Test
  void commandLineGoesThroughTheEngine() {
    classes()
        .that()
        .resideOutsideOfPackage(SHELL)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.github.gptoss.cli",
            ENGINE,
            ENGINE + ".harmony",
            ENGINE + ".tokenizer",
            ENGINE + ".sampling",
            ENGINE + ".weights",
            ENGINE + ".model",
            ENGINE + ".constraint",
            ENGINE + ".json",
            ENGINE + ".error",
            // The model cache and the graders, which need nothing of Spark.
            "io.github.gptoss.spark.internal.models",
            "io.github.gptoss.spark.internal.grading",
            "java..",
            "com.fasterxml.jackson..",
            "picocli..")
        .check(CLASSES);
  }

  /** The shell is a guest of Spark's process, where the command line's libraries are not. */
  @Test
  void shellKnowsNothingOfTheCommandLine() {
    noClasses()
        .that()
        .resideInAPackage(SHELL)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.github.gptoss.cli")
        .check(CLASSES);
  }
}
