package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.access.Access;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.WriteCheck;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.server.GeneratedPage;
import dev.cairn.server.bucket.S3Operations;
import dev.cairn.server.bucket.S3Operations.S3Operation;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompatibilityPageTest {
    @TempDir private Path folder;

    @Test
    void the_page_of_operations_says_what_the_code_does() throws Exception {
        var parts = new TestParts(folder);
        var operations = parts.operations;
        var page = new StringBuilder();
        page.append("# Compatibility\n\n");
        page.append(
                "Generated from the code. Every operation is routed, authenticated, authorised, checked against AWS's ");
        page.append(
                "model and recorded; one that is not built then answers `UnsupportedOperationException` with a sentence, ");
        page.append("one of S3 `NotImplemented`.\n\n");
        page.append(
                "What the gateway records of calls to other services, and how near that comes to AWS's own records: ");
        page.append("[fidelity.md](fidelity.md).\n");
        var sections = new TreeMap<String, String>();
        for (var service : operations.services()) {
            sections.put(
                    service.model().metadata().serviceId(),
                    section(
                            service,
                            name -> service.operation(name).map(BuiltOperation::readOnly),
                            operations::readOnly));
        }
        var buckets = s3(parts);
        sections.put(
                "S3",
                section(
                        Operations.s3(),
                        name -> buckets.operation(name).map(S3Operation::readOnly),
                        name -> name.matches("(Get|List).*")));
        sections.values().forEach(page::append);
        GeneratedPage.check("compatibility.md", page.toString());
    }

    private S3Operations s3(TestParts parts) throws Exception {
        var buckets = new BucketRegister(parts.catalog);
        return new S3Operations(
                new Access(TestParts.ACCOUNT),
                buckets,
                DiskArchive.open(
                        new DiskArchive.Parts(
                                new RealDisk(folder.resolve("archive")),
                                new MemoryCatalog(),
                                buckets,
                                new WriteCheck(false),
                                new byte[32],
                                parts.secrets,
                                InstantSource.fixed(TestParts.NOW))));
    }

    /// @param built whether an operation that is built only reads; empty for one that is not built
    /// @param readOnly the same for one that is not
    private static String section(
            ServedService service,
            Function<String, Optional<Boolean>> built,
            Predicate<String> readOnly) {
        var names =
                service.model().operations().stream()
                        .map(dev.cairn.aws.shape.Operation::name)
                        .sorted()
                        .toList();
        var page = new StringBuilder();
        page.append(
                "\n## %s\n\n%d of %d operations are built. Signed as `%s`, recorded as `%s`, protocols: %s.\n\n"
                        .formatted(
                                service.model().metadata().serviceId(),
                                names.stream()
                                        .filter(name -> built.apply(name).isPresent())
                                        .count(),
                                names.size(),
                                service.signingName(),
                                service.eventSource(),
                                String.join(", ", service.model().metadata().protocols())));
        page.append("| operation | built | reads or writes |\n|---|---|---|\n");
        for (var name : names) {
            var reads = built.apply(name);
            page.append(
                    "| %s | %s | %s |\n"
                            .formatted(
                                    name,
                                    reads.isPresent() ? "yes" : "no",
                                    reads.orElseGet(() -> readOnly.test(name))
                                            ? "reads"
                                            : "writes"));
        }
        return page.toString();
    }

    @Test
    void all_sixty_operations_of_cloudtrail_are_routed() throws Exception {
        var service = new TestParts(folder).operations.signedAs("cloudtrail").orElseThrow();

        assertThat(service.model().operations()).hasSize(60);
    }

    @Test
    void every_built_operation_is_in_its_model() throws Exception {
        for (var service : new TestParts(folder).operations.services()) {
            for (var name : service.built().keySet()) {
                assertThat(service.model().operation(name)).as(name).isPresent();
            }
        }
    }
}
