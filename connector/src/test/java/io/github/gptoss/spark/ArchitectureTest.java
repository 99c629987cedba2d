package io.github.gptoss.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.github.gptoss.spark");

  @Test
  void arrowsPointDown() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("entry points")
        .definedBy("io.github.gptoss.spark")
        .layer("job")
        .definedBy("..spark.job..")
        .layer("journal")
        .definedBy("..spark.journal..")
        .layer("report")
        .definedBy("..spark.report..")
        .layer("source")
        .definedBy("..spark.source..")
        .layer("functions")
        .definedBy("..spark.functions..")
        .layer("plugin")
        .definedBy("..spark.plugin..")
        .layer("call")
        .definedBy("..spark.call..")
        .layer("executor")
        .definedBy("..spark.executor..")
        .layer("arrow")
        .definedBy("..spark.arrow..")
        .layer("schema")
        .definedBy("..spark.schema..")
        .layer("model")
        .definedBy("..spark.model..")
        .layer("conf")
        .definedBy("..spark.conf..")
        .whereLayer("entry points")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("job")
        .mayOnlyBeAccessedByLayers("entry points")
        .whereLayer("report")
        .mayOnlyBeAccessedByLayers("job")
        .whereLayer("journal")
        .mayOnlyBeAccessedByLayers("job")
        .whereLayer("source")
        .mayOnlyBeAccessedByLayers("entry points")
        .whereLayer("functions")
        .mayOnlyBeAccessedByLayers("entry points", "job", "source")
        .whereLayer("plugin")
        .mayOnlyBeAccessedByLayers("entry points", "job")
        .whereLayer("call")
        .mayOnlyBeAccessedByLayers("entry points", "job", "source", "functions")
        .whereLayer("executor")
        .mayOnlyBeAccessedByLayers("entry points", "job", "journal", "functions", "plugin", "call")
        .whereLayer("arrow")
        .mayOnlyBeAccessedByLayers("executor", "journal")
        .whereLayer("model")
        .mayOnlyBeAccessedByLayers("entry points", "job", "plugin", "call", "executor")
        .whereLayer("schema")
        .mayOnlyBeAccessedByLayers(
            "entry points", "job", "source", "functions", "call", "executor", "arrow")
        .check(CLASSES);
  }

  /** The rule above looks at nothing else. */
  @Test
  void everyPackageIsOfALayer() {
    classes()
        .should()
        .resideInAnyPackage(
            "io.github.gptoss.spark",
            "..spark.job..",
            "..spark.journal..",
            "..spark.report..",
            "..spark.source..",
            "..spark.functions..",
            "..spark.plugin..",
            "..spark.call..",
            "..spark.executor..",
            "..spark.arrow..",
            "..spark.schema..",
            "..spark.model..",
            "..spark.conf..")
        .check(CLASSES);
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
            "io.github.gptoss.engine.error",
            "java..",
            "scala..",
            "org.apache.spark..",
            "org.apache.arrow..",
            "org.apache.hadoop..",
            "org.apache.commons.codec..",
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
                return type.getPackageName().equals("io.github.gptoss.spark.job")
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
        .resideOutsideOfPackages("..spark.arrow..", "..spark.executor..", "..spark.journal..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.arrow..")
        .check(CLASSES);
  }
}
