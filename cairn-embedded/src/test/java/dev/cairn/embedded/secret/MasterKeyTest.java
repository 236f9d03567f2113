package dev.cairn.embedded.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterKeyTest {
    private static final byte[] KEY = new SystemSecrets().bytes(32);
    private static final String BASE64 = Base64.getEncoder().encodeToString(KEY);

    @TempDir private Path folder = Path.of("");

    @Test
    void theFirstStartMakesOneForTheOwnerAlone() throws Exception {
        byte[] made = read("", true);
        assertThat(made).hasSize(32);
        assertThat(read("", false)).isEqualTo(made);
        assertThat(read("", true)).isEqualTo(made);
        Path keys = folder.resolve("keys");
        assertThat(mode(keys)).isEqualTo("rwx------");
        assertThat(mode(keys.resolve("master"))).isEqualTo("rw-------");
        assertThat(keys.toFile().list()).containsExactly("master");
    }

    @Test
    void aLostKeyIsNotReplacedByANewOne() {
        assertThatThrownBy(() -> read("", false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.resolve("keys").resolve("master").toString())
                .hasMessageContaining("Put it back from your backup");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFileHoldsItInBase64OrHex() throws Exception {
        Path file = folder.resolve("k");
        Files.writeString(file, BASE64 + "\n");
        assertThat(read("file:" + file, false)).isEqualTo(KEY);
        Files.writeString(file, HexFormat.of().formatHex(KEY));
        assertThat(read("file:" + file, false)).isEqualTo(KEY);
    }

    @Test
    void theEnvironmentHoldsIt() throws Exception {
        assertThat(MasterKey.read("env:K", folder, Map.of("K", BASE64), false, new SystemSecrets()))
                .isEqualTo(KEY);
        assertThatThrownBy(() -> read("env:K", false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("environment variable K, which is not set");
    }

    @Test
    void aCommandPrintsIt() throws Exception {
        assertThat(
                        MasterKey.read(
                                "command:printf '%s\\n' \"$K\"",
                                folder,
                                Map.of("K", BASE64, "PATH", "/usr/bin:/bin"),
                                false,
                                new SystemSecrets()))
                .isEqualTo(KEY);
        assertThatThrownBy(() -> read("command:exit 3", false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("exit with 0, got 3");
    }

    @Test
    void anotherFormIsRefusedWithoutShowingIt() throws Exception {
        Path file = folder.resolve("k");
        for (String bad : new String[] {"", "hunter2", BASE64.substring(1), BASE64 + "A"}) {
            Files.writeString(file, bad);
            assertThatThrownBy(() -> read("file:" + file, false))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("expected 32 bytes")
                    .message()
                    .doesNotContain("hunter2")
                    .doesNotContain(BASE64.substring(1, 20));
        }
        for (String bad : new String[] {"master", "http://x", BASE64}) {
            assertThatThrownBy(() -> read(bad, true))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "keys.master: expected file:PATH, env:NAME or command:…, got another form");
        }
    }

    private byte[] read(String setting, boolean first) throws IOException, InterruptedException {
        return MasterKey.read(setting, folder, Map.of(), first, new SystemSecrets());
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
