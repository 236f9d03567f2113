package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.server.GeneratedPage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompatibilityPageTest {
    @TempDir private Path folder;

    @Test
    void the_page_of_operations_says_what_the_code_does() throws Exception {
        var operations = new TestParts(folder).operations;
        var page = new StringBuilder();
        page.append("# Compatibility\n\n");
        page.append(
                "Generated from the code. Every operation is routed, authenticated, authorised, checked against AWS's ");
        page.append(
                "model and recorded; one that is not built then answers `UnsupportedOperationException` with a sentence.\n");
        for (var service : operations.services()) {
            var all = service.model().operations();
            page.append(
                    "\n## %s\n\n%d of %d operations are built. Signed as `%s`, recorded as `%s`, protocols: %s.\n\n"
                            .formatted(
                                    service.model().metadata().serviceId(),
                                    service.built().size(),
                                    all.size(),
                                    service.signingName(),
                                    service.eventSource(),
                                    String.join(", ", service.model().metadata().protocols())));
            page.append("| operation | built | reads or writes |\n|---|---|---|\n");
            all.stream()
                    .map(dev.cairn.aws.shape.Operation::name)
                    .sorted()
                    .forEach(name -> {
                        var built = service.operation(name);
                        page.append(
                                "| %s | %s | %s |\n"
                                        .formatted(
                                                name,
                                                built.isPresent() ? "yes" : "no",
                                                built.map(BuiltOperation::readOnly)
                                                                .orElseGet(() ->
                                                                        operations.readOnly(name))
                                                        ? "reads"
                                                        : "writes"));
                    });
        }
        GeneratedPage.check("compatibility.md", page.toString());
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
