package dev.cairn.recorder;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The walls inside the library, each with its reason.
class ArchitectureTest {
    private static final JavaClasses RECORDER =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.cairn.recorder");

    @Test
    void who_only_records_needs_no_more_than_the_jdk_and_a_json_writer() {
        noClasses()
                .that()
                .resideInAPackage("dev.cairn.recorder")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "dev.cairn.recorder",
                        "java..",
                        "javax.crypto..",
                        "com.fasterxml.jackson.core..",
                        "org.jspecify..")
                .because(
                        "every library it brought along could be another version of the application's")
                .check(RECORDER);
    }

    @Test
    void each_frame_is_named_in_its_own_package() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.cairn.recorder.sdk..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("software.amazon.awssdk..")
                .because("an application without the SDK has no such classes")
                .check(RECORDER);
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.cairn.recorder.servlet..", "dev.cairn.recorder.spring..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jakarta..")
                .because("an application without servlets has no such classes")
                .check(RECORDER);
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.cairn.recorder.spring..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..")
                .because("an application without Spring has no such classes")
                .check(RECORDER);
    }

    @Test
    void packages_do_not_depend_on_each_other_in_circles() {
        slices().matching("dev.cairn.(**)")
                .should()
                .beFreeOfCycles()
                .because("a circle of packages is one package that has not been tidied")
                .check(RECORDER);
    }
}
