package dev.cairn.server.certificate;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cairn.testkit.wire.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerCertificateTest {
    @TempDir private Path folder = Path.of("");
    private Path certificate = folder;
    private Path key = folder;

    @BeforeEach
    void names() {
        certificate = folder.resolve("cert.pem");
        key = folder.resolve("key.pem");
    }

    private TestCertificate made(String name, String algorithm) throws Exception {
        return TestCertificate.make(folder, name, "dns:localhost", algorithm);
    }

    private void put(Path source, Path target) throws Exception {
        Files.copy(source, target, REPLACE_EXISTING);
    }

    @Test
    void a_replaced_pair_is_found_once_and_half_of_one_never_used() throws Exception {
        var first = made("first", "EC");
        var second = made("second", "RSA");
        put(first.certificate(), certificate);
        put(first.key(), key);
        var shown = ServerCertificate.read(certificate, key);
        assertThat(shown.store().getCertificate("cairn"))
                .isEqualTo(first.store().getCertificate("it"));
        assertThat(shown.changed()).isEmpty();

        put(second.certificate(), certificate);
        assertThatIOException()
                .isThrownBy(shown::changed)
                .withMessage("%s is not the key of the first certificate in %s", key, certificate);
        assertThat(shown.changed()).as("told once").isEmpty();
        assertThat(shown.store().getCertificate("cairn"))
                .isEqualTo(first.store().getCertificate("it"));

        put(second.key(), key);
        assertThat(shown.changed().orElseThrow().getCertificate("cairn"))
                .isEqualTo(second.store().getCertificate("it"));
        assertThat(shown.changed()).isEmpty();
    }

    @Test
    void two_keys_of_one_kind_are_told_apart() throws Exception {
        var first = made("first", "EC");
        var second = made("second", "EC");

        assertThatIOException()
                .isThrownBy(() -> ServerCertificate.read(first.certificate(), second.key()))
                .withMessageContaining("is not the key of");
    }

    @Test
    void what_cannot_be_used_is_named() throws Exception {
        var good = made("good", "EC");
        assertThatIOException()
                .isThrownBy(() -> ServerCertificate.read(good.key(), good.key()))
                .withMessageContaining("expected certificates");
        assertThatIOException()
                .isThrownBy(() -> ServerCertificate.read(good.certificate(), good.certificate()))
                .withMessageContaining("expected a private key in PKCS#8")
                .withMessageContaining("got none");
        Files.writeString(
                key, "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
        assertThatIOException()
                .isThrownBy(() -> ServerCertificate.read(good.certificate(), key))
                .withMessageContaining("got '-----BEGIN EC PRIVATE KEY-----'")
                .withMessageContaining("openssl pkcs8");
        Files.writeString(
                certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThatIOException()
                .isThrownBy(() -> ServerCertificate.read(certificate, good.key()))
                .withMessageContaining("a certificate cannot be read");
        assertThatIOException()
                .isThrownBy(() -> ServerCertificate.read(folder.resolve("none"), good.key()));
    }
}
