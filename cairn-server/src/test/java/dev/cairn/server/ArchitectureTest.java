package dev.cairn.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.cairn.secret.Vault;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The walls between rooms, each with its reason.
class ArchitectureTest {
    private static JavaClasses cairn;

    private static final String[] CORE = {
        "dev.cairn.access..",
        "dev.cairn.account..",
        "dev.cairn.aggregation..",
        "dev.cairn.alarm..",
        "dev.cairn.archive..",
        "dev.cairn.bus..",
        "dev.cairn.catalog..",
        "dev.cairn.channel..",
        "dev.cairn.connection..",
        "dev.cairn.dashboard..",
        "dev.cairn.delivery..",
        "dev.cairn.digest..",
        "dev.cairn.event..",
        "dev.cairn.failure..",
        "dev.cairn.filter..",
        "dev.cairn.history..",
        "dev.cairn.intake..",
        "dev.cairn.kms..",
        "dev.cairn.ledger..",
        "dev.cairn.log..",
        "dev.cairn.metric..",
        "dev.cairn.notice..",
        "dev.cairn.pattern..",
        "dev.cairn.proof..",
        "dev.cairn.queue..",
        "dev.cairn.reader..",
        "dev.cairn.secret..",
        "dev.cairn.selector..",
        "dev.cairn.store..",
        "dev.cairn.topic..",
        "dev.cairn.trail..",
        "dev.cairn.watch.."
    };

    @BeforeAll
    static void readClasses() {
        cairn =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("dev.cairn");
    }

    @Test
    void what_is_stored_is_sealed_in_one_place() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.cairn.catalog.Sealed")
                .should()
                .callMethodWhere(
                        target(owner(equivalentTo(Vault.class)))
                                .and(target(nameMatching("seal|open"))))
                .because("a new master key has to find every secret")
                .check(cairn);
    }

    @Test
    void the_domain_opens_no_files_and_sockets_starts_no_threads_and_reads_no_clock() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.nio.file..", "java.util.concurrent..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.io\\.(File.*|RandomAccessFile)")
                .orShould()
                .callMethodWhere(
                        target(owner(assignableTo(Thread.class)))
                                .and(target(not(nameMatching("currentThread|interrupt")))))
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .because(
                        "what it does is a step from state and input to state and effects (design, section 2)")
                .check(cairn);
    }

    @Test
    void the_domain_and_the_dialects_do_not_know_each_other() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.cairn.aws..",
                        "dev.cairn.embedded..",
                        "dev.cairn.distributed..",
                        "dev.cairn.gateway..",
                        "dev.cairn.server..")
                .because("the domain outlives its dialects and its stores")
                .check(cairn);
        noClasses()
                .that()
                .resideInAPackage("dev.cairn.aws..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.cairn.embedded..",
                        "dev.cairn.distributed..",
                        "dev.cairn.gateway..",
                        "dev.cairn.server..")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage(CORE)
                .because("the gateway decodes other services' calls with the same code")
                .check(cairn);
    }

    @Test
    void only_the_wiring_makes_implementations() {
        noClasses()
                .that()
                .resideInAPackage("dev.cairn.server..")
                .and()
                .resideOutsideOfPackages("dev.cairn.server.wiring..", "dev.cairn.server.command..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.cairn.embedded..")
                .because(
                        "everything else sees ports, so that a distributed twin can take their place")
                .check(cairn);
    }

    @Test
    void twins_do_not_know_each_other() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.cairn.distributed..",
                        "dev.cairn.server.wiring..",
                        "dev.cairn.server.command..",
                        "dev.cairn.server.configuration..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.cairn.distributed..")
                .because("a twin is chosen by settings, and seen by its port everywhere else")
                .check(cairn);
        noClasses()
                .that()
                .resideInAPackage("dev.cairn.distributed..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.cairn.embedded..", "dev.cairn.server..")
                .because("one process may have the one without the other")
                .check(cairn);
    }

    @Test
    void the_gateway_knows_neither_who_carries_its_bytes_nor_who_keeps_its_events() {
        noClasses()
                .that()
                .resideInAPackage("dev.cairn.gateway..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.cairn.embedded..", "dev.cairn.distributed..", "dev.cairn.server..")
                .because("it may run beside the ledger, or in a process far from it")
                .check(cairn);
        noClasses()
                .that()
                .resideInAPackage("dev.cairn.gateway.decoding..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.nio.file..", "java.util.concurrent..")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .allowEmptyShould(true)
                .because("what a call says follows from its bytes alone")
                .check(cairn);
    }

    @Test
    void the_worker_that_runs_queries_is_a_process_of_its_own() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.cairn.lake..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.cairn.lake..")
                .because(
                        "it is not on the program's class path; it is spoken with in lines of JSON")
                .check(cairn);
        noClasses()
                .that()
                .resideInAPackage("dev.cairn.lake..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.cairn.aws..",
                        "dev.cairn.embedded..",
                        "dev.cairn.distributed..",
                        "dev.cairn.gateway..",
                        "dev.cairn.server..",
                        "java.net..")
                .because("a user's query runs there: what is not there cannot be reached")
                .check(cairn);
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.cairn.lake.dialect..", "dev.cairn.testkit.lake..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.trino..")
                .because("only SQL that we wrote from a resolved tree reaches the database")
                .check(cairn);
    }

    @Test
    void only_one_class_names_the_http_library() {
        noClasses()
                .that()
                .haveNameNotMatching("dev\\.cairn\\.server\\.http\\.JettyServer.*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.eclipse.jetty..")
                .because("the rest of the server answers exchanges, whoever carries them")
                .check(cairn);
    }

    @Test
    void heavy_libraries_stay_in_their_rooms() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.cairn.embedded.history..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.lucene..")
                .because("history is a port; Lucene is one way to keep it")
                .check(cairn);
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.cairn.embedded.catalog..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.sqlite..")
                .because("the catalog is a port; SQLite is one way to keep it")
                .check(cairn);
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.cairn.embedded.catalog..", "dev.cairn.lake..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.sql..")
                .because("only what keeps the catalog and what runs queries speaks to a database")
                .check(cairn);
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.cairn.lake..", "dev.cairn.testkit.lake..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.duckdb..", "io.trino..", "org.apache.iceberg..")
                .because("they are heavy, and run in a process of their own")
                .check(cairn);
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.cairn.distributed..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon.awssdk..", "org.apache.hc..")
                .because("what an S3 is asked and how it fails is written once")
                .check(cairn);
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.cairn.pattern..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("software.amazon.event.ruler..")
                .because("the bounds that keep matching short stand before it")
                .check(cairn);
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.cairn.metric..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.datadoghq..")
                .because("how percentiles are kept is on disk, and decided once")
                .check(cairn);
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml.jackson.databind..")
                .because("the domain reads JSON as it comes; the rule library alone brings trees")
                .check(cairn);
    }

    @Test
    void packages_do_not_depend_on_each_other_in_circles() {
        slices().matching("dev.cairn.(**)")
                .should()
                .beFreeOfCycles()
                .because("a circle of packages is one package that has not been tidied")
                .check(cairn);
    }

    @Test
    void nobody_gathers_odds_and_ends() {
        classes()
                .should()
                .resideOutsideOfPackages(
                        "..util..",
                        "..common..",
                        "..impl..",
                        "..manager..",
                        "..helper..",
                        "..service..")
                .because("a package is one domain word")
                .check(cairn);
    }
}
