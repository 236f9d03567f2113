package dev.cairn.server.wiring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.server.configuration.ColdSettings;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.configuration.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataRestoreTest {
    private static final byte[] KEY = "0123456789abcdef0123456789ABCDEF".getBytes(UTF_8);

    @TempDir private Path temporary = Path.of("");

    private Path data() {
        return temporary.resolve("data");
    }

    private Path place() {
        return temporary.resolve("backups");
    }

    private void serve() throws Exception {
        var settings = new Settings();
        settings.set("http.port", "0", "test");
        Cairn.start(Configuration.of(data(), settings)).close();
    }

    private String backUp() throws Exception {
        Optional<ColdSettings> cold = Optional.empty();
        return DataBackup.run(new DataBackup.Parts(data(), cold, place(), KEY), _ -> {}).name();
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static Path openFolder(Path path) throws Exception {
        Files.createDirectory(path);
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void what_is_restored_is_its_owners_alone_and_held_from_the_first_file() throws Exception {
        serve();
        Files.createDirectory(data().resolve("keys/tls"));
        Files.writeString(data().resolve("keys/tls/server.pem"), "a key");
        var name = backUp();
        var to = openFolder(temporary.resolve("to"));
        var cold = openFolder(temporary.resolve("cold"));
        var modes = new TreeSet<String>();
        var refusals = new TreeSet<String>();
        DataRestore.open(place(), KEY)
                .restore(
                        name,
                        to,
                        Optional.of(cold),
                        _ -> {
                            try {
                                modes.add(mode(to));
                                modes.add(mode(cold));
                                DataRestore.open(place(), KEY)
                                        .restore(name, to, Optional.empty(), _ -> {});
                            } catch (StartException failure) {
                                refusals.add(String.valueOf(failure.getMessage()));
                            } catch (Exception failure) {
                                throw new IllegalStateException(failure);
                            }
                        });
        assertThat(modes).containsExactly("rwx------");
        assertThat(refusals).singleElement().asString().contains("is in use by process");
        assertThat(mode(to.resolve("keys/master"))).isEqualTo("rw-------");
        assertThat(mode(to.resolve("keys/tls"))).isEqualTo("rwx------");
        assertThat(mode(to.resolve("keys/tls/server.pem"))).isEqualTo("rw-------");
        assertThat(to.resolve("format")).exists();
    }

    @Test
    void a_folder_that_holds_something_else_stays_as_it_is() throws Exception {
        serve();
        var name = backUp();
        var to = openFolder(temporary.resolve("to"));
        var cold = openFolder(temporary.resolve("cold"));
        Files.writeString(cold.resolve("letter"), "dear");
        for (var taken : Set.of(cold, data())) {
            var before = mode(taken);
            assertThatThrownBy(() ->
                            DataRestore.open(place(), KEY)
                                    .restore(
                                            name,
                                            taken.equals(cold) ? to : taken,
                                            Optional.of(cold),
                                            _ -> {}))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("expected an empty folder, found");
            assertThat(mode(taken)).isEqualTo(before);
        }
        assertThat(to).isEmptyDirectory();
        assertThat(cold).isDirectoryNotContaining("glob:**/lock");
    }

    @Test
    void what_rots_in_old_backups_is_told_and_set_aside() throws Exception {
        serve();
        var first = backUp();
        var backups = DataRestore.open(place(), KEY);
        backups.check(first, _ -> {});
        try (var chunks = Files.walk(place().resolve("chunks"))) {
            flip(chunks.filter(Files::isRegularFile).findFirst().orElseThrow());
        }
        assertThatThrownBy(() -> backups.check(first, _ -> {}))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("; 1 chunks that do not open were set aside");
        var second = backUp();
        backups.check(second, _ -> {});

        flip(place().resolve("backups").resolve(first));
        assertThat(backups.backups()).containsOnlyKeys(first, second);
        assertThat(backups.backups().get(first)).isEmpty();
        assertThat(backups.backups().get(second)).isPresent();
    }

    private static void flip(Path file) throws Exception {
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }
}
