package dev.cairn.server.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cairn.testkit.wire.ScriptedServer;
import dev.cairn.testkit.wire.TestCertificate;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustTest {
    @TempDir private Path folder = Path.of("");

    /// @return the status that a server with that certificate answers
    private static int status(TestCertificate shown, SSLContext trust) throws Exception {
        try (var server =
                        new ScriptedServer(
                                peer -> {
                                    peer.head();
                                    peer.say("HTTP/1.1 204 No Content\r\n\r\n");
                                },
                                shown.server());
                var client = HttpClient.newBuilder().sslContext(trust).build()) {
            return client.send(
                            HttpRequest.newBuilder(server.address())
                                    .timeout(Duration.ofSeconds(30))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static void refuses(TestCertificate shown, SSLContext trust) {
        assertThatIOException().isThrownBy(() -> status(shown, trust));
    }

    @Test
    void roots_are_believed_for_the_names_that_they_vouch_for() throws Exception {
        var local = TestCertificate.make(folder, "local", "dns:localhost", "EC");
        var other = TestCertificate.make(folder, "other", "dns:other.example", "EC");

        assertThat(status(local, Trust.roots(local.certificate()))).isEqualTo(204);
        refuses(other, Trust.roots(other.certificate()));
        refuses(local, Trust.roots(other.certificate()));
        refuses(local, Trust.roots(null));
    }

    @Test
    void ones_own_is_believed_whatever_it_is_for() throws Exception {
        var own = TestCertificate.make(folder, "own", "dns:other.example", "EC");
        var local = TestCertificate.make(folder, "local", "dns:localhost", "EC");

        assertThat(status(own, Trust.ownOrRoots(own.certificate(), null))).isEqualTo(204);
        refuses(local, Trust.ownOrRoots(own.certificate(), null));
        assertThat(status(local, Trust.ownOrRoots(own.certificate(), local.certificate())))
                .isEqualTo(204);
    }

    @Test
    void a_file_without_certificates_is_named() throws Exception {
        var local = TestCertificate.make(folder, "local", "dns:localhost", "EC");

        assertThatIOException()
                .isThrownBy(() -> Trust.roots(local.key()))
                .withMessageContaining("expected certificates");
        assertThatIOException().isThrownBy(() -> Trust.roots(folder.resolve("none")));
    }
}
