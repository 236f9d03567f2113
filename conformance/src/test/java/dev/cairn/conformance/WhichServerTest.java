package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// How commands find the server, and what they say when they do not.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WhichServerTest {
    private final LiveServer server;

    WhichServerTest() throws Exception {
        server = LiveServer.start();
    }

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void addressWithoutASchemeIsToldWhatIsExpected() throws Exception {
        for (var address : List.of("127.0.0.1:4580", "localhost:4580", "ftp://localhost", "x y")) {
            var said = server.cairnAs(LiveServer.ROOT, "status", "--endpoint", address).exited(2);
            assertThat(said.err())
                    .isEqualTo(
                            "cairn: --endpoint: expected scheme, host and port, such as http://127.0.0.1:4580, got '%s'\n"
                                    .formatted(address));
        }
    }

    /// The server stands in as an HTTP proxy, so that it is sent requests for any name and port.
    @Test
    void addressThatNamesTheUsualPortIsSignedAsItIsSent() throws Exception {
        var proxy =
                List.of(
                        "-Dhttp.proxyHost=" + server.endpoint().getHost(),
                        "-Dhttp.proxyPort=" + server.endpoint().getPort());
        for (var address :
                List.of("http://cairn.test:80", "http://cairn.test", "http://cairn.test:81")) {
            Command.run(
                            server.home(),
                            server.environment(LiveServer.ROOT),
                            Command.cairn(proxy, "status", "--endpoint", address))
                    .exited(0);
        }
    }

    @Test
    void serverThatWasKilledIsNotTakenForRunningWhenItsProcessIdLivesAgain() throws Exception {
        try (var other = LiveServer.start()) {
            other.cairn("status").exited(0);
            other.kill();
            var mine = ProcessHandle.current().pid();
            for (var note : List.of("server.json", "lock")) {
                var file = other.data().resolve(note);
                Files.writeString(
                        file,
                        Files.readString(file)
                                .replace(Long.toString(other.pid()), Long.toString(mine)));
            }
            assertThat(other.cairn("status").exited(2).err()).contains("no server is running on");
        }
    }

    @Test
    void revokedRootKeyIsFollowedByAnotherInTheDataFolder() throws Exception {
        try (var other = LiveServer.start()) {
            other.cairn("key", "revoke", LiveServer.ROOT.accessKeyId()).exited(0);
            var env = other.cairn("env").exited(0);
            assertThat(env.out())
                    .contains("export AWS_ACCESS_KEY_ID='AKIA")
                    .doesNotContain(LiveServer.ROOT.accessKeyId());
            assertThat(other.cairnAs(LiveServer.ROOT, "status").exited(1).err())
                    .contains("UnrecognizedClientException");
        }
    }
}
