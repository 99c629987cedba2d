package io.github.gptoss.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.github.gptoss.spark",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule ARROWS_POINT_DOWN =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("entry points")
          .definedBy("io.github.gptoss.spark")
          .layer("executor")
          .definedBy("..spark.executor..")
          .layer("arrow")
          .definedBy("..spark.arrow..")
          .layer("schema")
          .definedBy("..spark.schema..")
          .layer("conf")
          .definedBy("..spark.conf..")
          .whereLayer("entry points")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("executor")
          .mayOnlyBeAccessedByLayers("entry points")
          .whereLayer("arrow")
          .mayOnlyBeAccessedByLayers("executor")
          .whereLayer("schema")
          .mayOnlyBeAccessedByLayers("entry points", "executor", "arrow");

  @ArchTest
  static final ArchRule ONLY_THE_ENGINES_PUBLIC_PACKAGES =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.github.gptoss.spark..",
              "io.github.gptoss.engine",
              "io.github.gptoss.engine.harmony",
              "io.github.gptoss.engine.error",
              "java..",
              "scala..",
              "org.apache.spark..",
              "org.apache.arrow..",
              "org.apache.hadoop..",
              "com.fasterxml.jackson..",
              "org.slf4j..",
              "picocli..");

  @ArchTest
  static final ArchRule ARROW_STAYS_OFF_THE_PLANNING_SIDE =
      noClasses()
          .that()
          .resideOutsideOfPackages("..spark.arrow..", "..spark.executor..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.arrow..");
}
