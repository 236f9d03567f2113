package dev.cairn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A page of `docs/` that is made from the code. The test that finds it stale tells how to make it
/// anew.
public final class GeneratedPage {
    private GeneratedPage() {}

    /// @param name below `docs/`
    /// @param text what it should say
    public static void check(String name, String text) throws IOException {
        var page = Path.of("..", "docs").resolve(name);
        if (System.getProperty("cairn.docs") != null) {
            Files.createDirectories(page.getParent());
            Files.writeString(page, text);
        }
        assertThat(Files.exists(page) ? Files.readString(page) : "")
                .as(
                        "docs/%s is stale: run ./cairn test -pl cairn-server -am -Dcairn.docs=write",
                        name)
                .isEqualTo(text);
    }
}
