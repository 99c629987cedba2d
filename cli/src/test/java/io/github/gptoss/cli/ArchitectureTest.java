package io.github.gptoss.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What the command line may know. */
class ArchitectureTest {
  private static final String ENGINE = "io.github.gptoss.engine";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.github.gptoss.cli");

  /** Neither the engine's computing packages, nor Spark, which is not there when it runs. */
  @Test
  void goesThroughTheEngine() {
    classes()
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
            ENGINE + ".json",
            ENGINE + ".error",
            "java..",
            "com.fasterxml.jackson..",
            "picocli..")
        .check(CLASSES);
  }
}
