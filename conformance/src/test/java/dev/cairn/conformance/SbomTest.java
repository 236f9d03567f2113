package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The list of what is in the program that was built, and what is known against it.
final class SbomTest {
    @TempDir private Path folder = Path.of("");

    private Command cairn(String... words) throws Exception {
        return Command.run(folder, Map.of(), Command.cairn(words));
    }

    private Path database(String fixed) throws Exception {
        var database = Files.createDirectories(folder.resolve("fixed-in-" + fixed));
        Files.writeString(
                database.resolve("CAIRN-2026-1.json"),
                """
                {"id":"CAIRN-2026-1","modified":"2026-11-01T00:00:00Z","summary":"made up",
                 "affected":[{"package":{"ecosystem":"Maven","name":"org.eclipse.jetty:jetty-server"},
                 "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"12.0.0"},{"fixed":"%s"}]}]}]}
                """
                        .formatted(fixed));
        return database;
    }

    @Test
    void the_program_knows_its_libraries_and_what_is_known_against_them() throws Exception {
        var listed = cairn("sbom", "--json");
        if (listed.exit() == 2) {
            // Of a build by Maven's -o, which the plugin that makes it refuses.
            assertThat(listed.err()).contains("this build of Cairn has no list");
            assertThat(cairn("doctor", "dependencies", "--database", folder.toString()).exit())
                    .isEqualTo(2);
            assertThat(System.getProperty("cairn.sbom")).isNotEqualTo("required");
            return;
        }
        var list = Wire.JSON.readTree(listed.exited(0).out());
        assertThat(list.path("bomFormat").asText()).isEqualTo("CycloneDX");
        assertThat(list.path("metadata").path("component").path("name").asText())
                .isEqualTo("cairn-server");
        assertThat(list.path("components").findValuesAsText("purl"))
                .anyMatch(it -> it.startsWith("pkg:maven/org.eclipse.jetty/jetty-server@"))
                .anyMatch(it -> it.startsWith("pkg:maven/org.duckdb/duckdb_jdbc@"))
                .noneMatch(it -> it.contains("junit"));

        // Each library is, byte for byte, the one that is listed: else the second would exit 1,
        // too.
        assertThat(cairn("doctor", "dependencies", "--database", database("9999").toString()))
                .satisfies(hit -> {
                    assertThat(hit.exit()).isEqualTo(1);
                    assertThat(hit.out())
                            .contains("CAIRN-2026-1", "org.eclipse.jetty:jetty-server", "9999")
                            .contains(": 1 known to be vulnerable");
                });
        assertThat(
                        cairn("doctor", "dependencies", "--database", database("12.0.1").toString())
                                .exited(0)
                                .out())
                .contains("held against 1 entries, the newest of 2026-11-01T00:00:00Z: 0 known");
        assertThat(cairn("doctor", "dependencies"))
                .satisfies(none -> {
                    assertThat(none.exit()).isEqualTo(2);
                    assertThat(none.err()).contains("cannot judge");
                });
    }
}
