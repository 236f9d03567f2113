package dev.cairn.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.configuration.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterKeyChangeTest {
    private static final String MASTER = "keys/master";
    private static final String NEXT = "keys/master.next";
    private static final String CATALOG = "catalog.db";

    @TempDir private Path temporary = Path.of("");

    private Path data = Path.of("");
    private String root = "";

    @BeforeEach
    void makeFolder() throws Exception {
        data = temporary.resolve("data");
        root = rootCredentials("");
    }

    /// Serves the folder for a moment: what it leaves there was opened with the master key.
    private String rootCredentials(String keysMaster) throws Exception {
        var settings = new Settings();
        settings.set("http.port", "0", "test");
        settings.set("keys.master", keysMaster, "test");
        var note = data.resolve("keys/root-credentials");
        Files.deleteIfExists(note);
        try (var _ = Cairn.start(Configuration.of(data, settings))) {
            return Files.readString(note);
        }
    }

    private Map<String, byte[]> state() throws Exception {
        var files = new TreeMap<String, byte[]>();
        for (var name : new String[] {MASTER, CATALOG}) {
            files.put(name, Files.readAllBytes(data.resolve(name)));
        }
        return files;
    }

    private byte[] bytes(String name) throws Exception {
        return Files.readAllBytes(data.resolve(name));
    }

    @Test
    void secrets_open_under_the_new_key_and_under_no_other() throws Exception {
        var before = state();

        // The root key's secret and the archive's key; the start after it opens both.
        assertThat(MasterKeyChange.run(data, "", "")).isEqualTo(2);

        assertThat(bytes(MASTER)).isNotEqualTo(before.get(MASTER));
        assertThat(data.resolve(NEXT)).doesNotExist();
        assertThat(rootCredentials("")).isEqualTo(root);
        Files.write(data.resolve(MASTER), before.get(MASTER));
        assertThatThrownBy(() -> rootCredentials(""))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("keys.master");
    }

    @Test
    void change_cut_short_before_the_secrets_were_sealed_is_undone() throws Exception {
        var before = state();
        MasterKeyChange.run(data, "", "");
        var fresh = bytes(MASTER);
        // Both keys are there, the catalog is the old one.
        Files.write(data.resolve(NEXT), fresh);
        Files.write(data.resolve(MASTER), before.get(MASTER));
        Files.write(data.resolve(CATALOG), before.get(CATALOG));

        assertThat(rootCredentials("")).isEqualTo(root);
        assertThat(bytes(MASTER)).isEqualTo(before.get(MASTER));
        assertThat(data.resolve(NEXT)).doesNotExist();
    }

    @Test
    void change_cut_short_after_the_secrets_were_sealed_is_completed() throws Exception {
        var before = state();
        MasterKeyChange.run(data, "", "");
        var fresh = bytes(MASTER);
        // Both keys are there, the catalog is the new one.
        Files.write(data.resolve(NEXT), fresh);
        Files.write(data.resolve(MASTER), before.get(MASTER));

        assertThat(rootCredentials("")).isEqualTo(root);
        assertThat(bytes(MASTER)).isEqualTo(fresh);
        assertThat(data.resolve(NEXT)).doesNotExist();
    }

    @Test
    void key_can_move_out_of_the_folder() throws Exception {
        var outside = temporary.resolve("outside");
        Files.writeString(outside, "ab".repeat(32));

        assertThat(MasterKeyChange.run(data, "", "file:" + outside)).isEqualTo(2);
        assertThat(data.resolve(MASTER)).doesNotExist();

        assertThat(rootCredentials("file:" + outside)).isEqualTo(root);
        assertThatThrownBy(() -> rootCredentials("")).isInstanceOf(StartException.class);
        assertThatThrownBy(() -> MasterKeyChange.run(data, "file:" + outside, ""))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("say where the new one is");
    }

    @Test
    void key_that_does_not_open_the_secrets_changes_nothing() throws Exception {
        var before = state();
        var wrong = temporary.resolve("wrong");
        Files.writeString(wrong, "cd".repeat(32));

        assertThatThrownBy(() -> MasterKeyChange.run(data, "file:" + wrong, "file:" + wrong))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("is the present one");
        var other = temporary.resolve("other");
        Files.writeString(other, "ef".repeat(32));
        assertThatThrownBy(() -> MasterKeyChange.run(data, "file:" + wrong, "file:" + other))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("does not open");

        assertThat(bytes(MASTER)).isEqualTo(before.get(MASTER));
        assertThat(rootCredentials("")).isEqualTo(root);
    }
}
