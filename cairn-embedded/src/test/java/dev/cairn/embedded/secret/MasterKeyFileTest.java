package dev.cairn.embedded.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.secret.KeyService;
import dev.cairn.secret.KeyServiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterKeyFileTest {
    @TempDir private Path folder = Path.of("");

    private final Outside outside = new Outside();

    /// A service whose wrapping is a stamp in front.
    private static final class Outside implements KeyService {
        private String name = "outside:one";
        private boolean away;

        @Override
        public String name() {
            return name;
        }

        @Override
        public String wrap(byte[] key) throws KeyServiceException {
            answer();
            return "stamp." + Base64.getEncoder().encodeToString(key);
        }

        @Override
        public byte[] unwrap(String wrapped) throws KeyServiceException {
            answer();
            if (!wrapped.startsWith("stamp.")) {
                throw new KeyServiceException(KeyServiceException.Kind.WRONG_KEY, "no stamp");
            }
            return Base64.getDecoder().decode(wrapped.substring("stamp.".length()));
        }

        private void answer() throws KeyServiceException {
            if (away) {
                throw new KeyServiceException(KeyServiceException.Kind.UNAVAILABLE, "nobody home");
            }
        }

        @Override
        public void close() {}
    }

    private MasterKeyFile file() {
        return MasterKeyFile.wrapped(folder, outside);
    }

    private Path path() {
        return folder.resolve("keys").resolve("master.wrapped");
    }

    private byte[] read(boolean first) throws IOException {
        return file().read(first, new SystemSecrets());
    }

    @Test
    void a_wrapped_key_lies_in_the_folder_and_opens_by_its_service_alone() throws Exception {
        byte[] key = read(true);

        assertThat(key).hasSize(32);
        assertThat(Files.readString(path()))
                .isEqualTo(
                        "v1 outside:one\nstamp." + Base64.getEncoder().encodeToString(key) + "\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
                .isEqualTo("rw-------");
        assertThat(read(false)).isEqualTo(key);
        assertThat(read(true)).isEqualTo(key);
        assertThat(folder.resolve("keys").toFile().list()).containsExactly("master.wrapped");
    }

    @Test
    void a_service_that_is_away_leaves_all_as_it_was() throws Exception {
        outside.away = true;
        assertThatThrownBy(() -> read(true))
                .isInstanceOf(IOException.class)
                .hasMessage("keys.master: outside:one does not wrap a master key: nobody home");
        assertThat(folder).isEmptyDirectory();

        outside.away = false;
        byte[] key = read(true);
        byte[] before = Files.readAllBytes(path());
        outside.away = true;
        for (boolean first : new boolean[] {true, false}) {
            assertThatThrownBy(() -> read(first))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("outside:one does not unwrap the master key in " + path())
                    .hasMessageEndingWith(": nobody home; nothing was changed");
        }
        assertThat(path()).hasBinaryContent(before);
        assertThatThrownBy(() -> file().makeNext(new SystemSecrets()))
                .isInstanceOf(IOException.class);
        assertThat(file().hasNext()).isFalse();

        outside.away = false;
        assertThat(read(false)).isEqualTo(key);
    }

    @Test
    void what_another_service_wrapped_says_so() throws Exception {
        read(true);
        Files.writeString(path(), Files.readString(path()).replace("stamp.", "seal."));
        outside.name = "outside:two";
        assertThatThrownBy(() -> read(false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("which is under outside:one: no stamp");
    }

    @Test
    void another_form_or_length_is_refused() throws Exception {
        read(true);
        for (String bad : new String[] {"", "v2 outside:one\nstamp.AAAA\n", "stamp.AAAA"}) {
            Files.writeString(path(), bad);
            assertThatThrownBy(() -> read(false))
                    .as(bad)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("expected a wrapped master key in " + path());
        }
        Files.writeString(path(), "v1 outside:one\nstamp.AAAA\n");
        assertThatThrownBy(() -> read(false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("of 32 bytes")
                .hasMessageEndingWith("got 3");
    }

    @Test
    void a_lost_one_is_not_replaced_by_a_new_one() {
        assertThatThrownBy(() -> read(false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path().toString())
                .hasMessageContaining("Put it back from your backup");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void the_next_one_takes_its_place_or_is_dropped() throws Exception {
        byte[] key = read(true);
        byte[] next = file().makeNext(new SystemSecrets());
        assertThat(next).isNotEqualTo(key);
        assertThat(file().readNext()).isEqualTo(next);
        assertThat(read(false)).isEqualTo(key);

        file().dropNext();
        assertThat(file().hasNext()).isFalse();
        assertThat(read(false)).isEqualTo(key);

        byte[] other = file().makeNext(new SystemSecrets());
        file().takeNext();
        assertThat(file().hasNext()).isFalse();
        assertThat(read(false)).isEqualTo(other);
    }
}
