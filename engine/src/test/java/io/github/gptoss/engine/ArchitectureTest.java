package io.github.gptoss.engine;

import static com.tngtech.archunit.base.DescribedPredicate.anyElementThat;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The arrows of docs/adr/0001: which package of the engine may know which others. Plain JUnit
 * methods, because Surefire 3.5.3 passes over ArchUnit's own annotated fields without a word.
 */
class ArchitectureTest {
  private static final String ROOT = "io.github.gptoss.engine";

  private static final JavaClasses ENGINE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  static Stream<Arguments> arrows() {
    return Stream.of(
        arguments("error", List.of()),
        arguments("json", List.of("error")),
        arguments("tensor", List.of("json", "error")),
        arguments("model", List.of("json", "error")),
        arguments("weights", List.of("model", "tensor", "json", "error")),
        arguments("lora", List.of("weights", "model", "tensor", "json", "error")),
        arguments("tokenizer", List.of("error")),
        arguments("harmony", List.of("tokenizer", "error")),
        arguments("constraint", List.of("harmony", "json", "error")),
        arguments("constraint.text", List.of()),
        arguments("constraint.lexeme", List.of("constraint.text")),
        arguments("constraint.grammar", List.of("constraint.lexeme")),
        arguments(
            "constraint.schema",
            List.of(
                "constraint",
                "constraint.grammar",
                "constraint.lexeme",
                "constraint.text",
                "error")),
        arguments(
            "constraint.mask",
            List.of("constraint.grammar", "constraint.lexeme", "sampling", "tokenizer")),
        arguments(
            "constraint.compiled",
            List.of(
                "constraint",
                "constraint.schema",
                "constraint.mask",
                "constraint.grammar",
                "constraint.lexeme",
                "constraint.text",
                "json",
                "sampling",
                "error")),
        arguments(
            "constraint.odds",
            List.of(
                "constraint",
                "constraint.compiled",
                "constraint.grammar",
                "constraint.turn",
                "error",
                "json",
                "sampling",
                "tokenizer")),
        arguments(
            "constraint.turn",
            List.of(
                "constraint",
                "constraint.compiled",
                "constraint.grammar",
                "constraint.mask",
                "sampling",
                "tokenizer")),
        arguments("scheduler", List.of("error")),
        arguments("sampling", List.of("error")),
        arguments("backend", List.of("lora", "weights", "sampling", "error")),
        arguments(
            "backend.cpu",
            List.of("backend", "lora", "weights", "sampling", "model", "tensor", "error")),
        arguments(
            "backend.cuda",
            List.of("backend", "lora", "weights", "sampling", "model", "tensor", "error")),
        arguments("transformer", List.of("backend", "sampling", "model", "error")));
  }

  @ParameterizedTest
  @MethodSource("arrows")
  void packageKnowsOnlyThoseBelowIt(String name, List<String> below) {
    String[] known =
        Stream.concat(Stream.of(name), below.stream())
            .map(p -> ROOT + "." + p)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + "." + name)
        .should()
        .dependOnClassesThat(engine().and(not(resideInAnyPackage(known))))
        .check(ENGINE);
  }

  @Test
  void everyPackageHasItsArrows() {
    String[] known =
        Stream.concat(Stream.of(ROOT), arrows().map(arrow -> ROOT + "." + arrow.get()[0]))
            .toArray(String[]::new);
    classes().should().resideInAnyPackage(known).check(ENGINE);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(ENGINE);
  }

  @Test
  void onlyTheCpuBackendUsesTheVectorApi() {
    onlyFrom(ROOT + ".backend.cpu", "jdk.incubator.vector..").check(ENGINE);
  }

  @Test
  void onlyTheCudaBackendUsesJcuda() {
    onlyFrom(ROOT + ".backend.cuda", "jcuda..").check(ENGINE);
  }

  @Test
  void onlyTheChoiceOfABackendKnowsBackends() {
    noClasses()
        .that(
            not(resideInAnyPackage(ROOT + ".backend.cpu", ROOT + ".backend.cuda"))
                .and(not(named(ROOT + ".Backends")))
                .and(not(named(ROOT + ".GpuPlan"))))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".backend.cpu", ROOT + ".backend.cuda")
        .check(ENGINE);
  }

  @Test
  void engineKnowsNothingOfSparkOrACommandLine() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.spark..",
            "org.apache.arrow..",
            "org.apache.hadoop..",
            "scala..",
            "picocli..")
        .check(ENGINE);
  }

  /** What the connector may use must not hand it anything that it may not use. */
  @Test
  void publicApiSpeaksOfPublicPackagesOnly() {
    String[] open = {
      ROOT, ROOT + ".harmony", ROOT + ".sampling", ROOT + ".constraint", ROOT + ".error"
    };
    DescribedPredicate<JavaClass> internal = engine().and(not(resideInAnyPackage(open)));
    noMethods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .resideInAnyPackage(open)
        .should()
        .haveRawReturnType(internal)
        .orShould()
        .haveRawParameterTypes(anyElementThat(internal))
        .check(ENGINE);
  }

  @Test
  void errorsAreMadeInPlacesThatOnlyTheirPackageSees() {
    classes()
        .that()
        .haveSimpleNameEndingWith("Errors")
        .should()
        .notBePublic()
        .andShould()
        .haveOnlyPrivateConstructors()
        .check(ENGINE);
  }

  private static ArchRule onlyFrom(String user, String... used) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(user)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(used);
  }

  private static DescribedPredicate<JavaClass> engine() {
    return resideInAPackage(ROOT + "..");
  }

  private static DescribedPredicate<JavaClass> named(String name) {
    return DescribedPredicate.describe(name, c -> c.getName().equals(name));
  }
}
