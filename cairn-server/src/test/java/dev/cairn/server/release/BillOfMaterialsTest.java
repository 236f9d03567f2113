package dev.cairn.server.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BillOfMaterialsTest {
    /// Of the text `b`.
    private static final String SHA256_OF_B =
            "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d";

    @TempDir private Path home = Path.of("");

    private void list() throws IOException {
        Files.writeString(
                home.resolve("cairn-1.2.cdx.json"),
                """
                {"bomFormat":"CycloneDX","specVersion":"1.6","components":[
                 {"type":"library","group":"org.example","name":"b","version":"2.0",
                  "hashes":[{"alg":"MD5","content":"00"},{"alg":"SHA-256","content":"%s"}],
                  "licenses":[{"license":{"id":"EPL-2.0"}},{"license":{"name":"Somebody's own"}}]},
                 {"type":"library","group":"org.example","name":"a","version":"1.0",
                  "licenses":[{"expression":"Apache-2.0 OR MIT"}]}]}
                """
                        .formatted(SHA256_OF_B));
    }

    @Test
    void a_list_names_libraries_versions_and_licences() throws Exception {
        assertThat(BillOfMaterials.of(home, "1.2")).isEmpty();
        list();
        assertThat(BillOfMaterials.of(home, "1.3")).isEmpty();
        assertThat(BillOfMaterials.of(home, "1.2").orElseThrow().components())
                .containsExactly(
                        new Component("org.example", "a", "1.0", List.of("Apache-2.0 OR MIT"), ""),
                        new Component(
                                "org.example",
                                "b",
                                "2.0",
                                List.of("EPL-2.0", "Somebody's own"),
                                SHA256_OF_B));
    }

    @Test
    void a_library_that_is_not_the_listed_one_byte_for_byte_is_named() throws Exception {
        list();
        var list = BillOfMaterials.of(home, "1.2").orElseThrow();
        assertThat(list.unlisted(home)).isEmpty();
        Files.createDirectory(home.resolve("lib"));
        Files.createDirectory(home.resolve("lake"));
        Files.writeString(home.resolve("lib/b-2.0.jar"), "b");
        assertThat(list.unlisted(home)).isEmpty();

        Files.writeString(home.resolve("lib/a-1.0.jar"), "a");
        Files.writeString(home.resolve("lake/b-2.0.jar"), "B");
        assertThat(list.unlisted(home)).containsExactly("lib/a-1.0.jar", "lake/b-2.0.jar");
    }

    @Test
    void what_is_no_such_list_is_refused() throws Exception {
        var file = home.resolve("cairn-1.2.cdx.json");
        for (var text : List.of("", "{", "{\"components\":[]}", "{\"bomFormat\":\"CycloneDX\"}")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> BillOfMaterials.of(home, "1.2"))
                    .as(text)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("expected CycloneDX");
        }
    }
}
