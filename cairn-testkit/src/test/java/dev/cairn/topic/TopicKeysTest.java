package dev.cairn.topic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.junit.jupiter.api.Test;

class TopicKeysTest {
    private static final Instant START = Instant.parse("2026-11-21T08:00:00Z");

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final TopicKeys keys = keys();

    private TopicKeys keys() {
        Vault vault = new Vault(new byte[Vault.MASTER_KEY_BYTES], byte[]::new);
        return new TopicKeys(catalog, vault, TopicKeysTest::make);
    }

    private static KeyPair make() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private X509Certificate certificate(TopicKeys of) throws Exception {
        String pem =
                of.certificate(of.certificatePath().substring(TopicKeys.PATH.length()))
                        .orElseThrow();
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(pem.getBytes(UTF_8)));
    }

    @Test
    void the_certificate_is_signed_by_itself_and_proves_both_signature_versions() throws Exception {
        keys.prepare(START);
        X509Certificate certificate = certificate(keys);

        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity(Date.from(START));
        certificate.checkValidity(Date.from(START.plus(Duration.ofDays(3600))));
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=Cairn");
        for (String[] version : new String[][] {{"1", "SHA1withRSA"}, {"2", "SHA256withRSA"}}) {
            Signature signature = Signature.getInstance(version[1]);
            signature.initVerify(certificate);
            signature.update("Message\nä\n".getBytes(UTF_8));
            assertThat(
                            signature.verify(
                                    Base64.getDecoder()
                                            .decode(keys.sign(version[0], "Message\nä\n"))))
                    .isTrue();
        }
    }

    @Test
    void the_key_outlives_the_process_and_has_a_successor_before_its_certificate_ends()
            throws Exception {
        keys.prepare(START);
        String first = keys.certificatePath();
        TopicKeys next = keys();
        assertThatThrownBy(next::certificatePath).isInstanceOf(IllegalStateException.class);
        next.prepare(START.plus(Duration.ofDays(3600)));
        assertThat(next.certificatePath()).isEqualTo(first);

        next.prepare(START.plus(Duration.ofDays(3640)));
        assertThat(next.certificatePath()).isNotEqualTo(first);
        assertThat(next.certificate(first.substring(TopicKeys.PATH.length()))).isPresent();
    }

    @Test
    void a_certificate_may_end_after_2049() throws Exception {
        Instant start = Instant.parse("2045-03-01T09:00:00Z");
        keys.prepare(start);
        X509Certificate certificate = certificate(keys);

        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity(Date.from(start));
        assertThat(certificate.getNotAfter().toInstant())
                .isEqualTo(start.minus(Duration.ofHours(1)).plus(Duration.ofDays(3650)));
    }

    @Test
    void nothing_but_certificates_is_given_out() throws Exception {
        keys.prepare(START);
        assertThat(keys.certificate("../catalog.db")).isEmpty();
        assertThat(keys.certificate("SimpleNotificationService-" + "0".repeat(32) + ".pem"))
                .isEmpty();
    }
}
