package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `cairn key rotate-master` on a folder that is lived in.
final class MasterKeyTest {
    @Tag("long")
    @Test
    void folderInUseIsLeftAloneAndAStoppedOneOpensUnderItsNewKey() throws Exception {
        try (var server = LiveServer.start()) {
            var master = server.data().resolve("keys/master");
            var before = Files.readAllBytes(master);
            var token = server.cairn("token", "create", "--for", "intake").exited(0).out().strip();
            var key =
                    server.cairn("key", "create", "--user", "alice", "--allow", "operate", "--json")
                            .exited(0)
                            .out();

            var refused = server.cairn("key", "rotate-master");
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.err()).contains(server.data().toString(), "" + server.pid());
            assertThat(master).hasBinaryContent(before);
            recordsAsAlice(server, key, 1);

            server.stop();
            // Of tokens only a hash is kept.
            assertThat(server.cairn("key", "rotate-master").exited(0).out())
                    .matches("[1-9][0-9]* secrets sealed anew\n");
            assertThat(Files.readAllBytes(master)).isNotEqualTo(before);

            server.restart();
            recordsAsAlice(server, key, 2);
            try (var wire = new Wire(server.endpoint())) {
                var request = wire.request("POST", "/intake/v1/events", "");
                wire.send(
                                request.with(
                                        request.headers().plus("Authorization", "Bearer " + token)),
                                Wire.bytes(Sample.now(LiveServer.ACCOUNT, 3).json()))
                        .expect(200);
            }
        }
    }

    private static void recordsAsAlice(LiveServer server, String key, int number) throws Exception {
        var json = Wire.JSON.readTree(key);
        var alice =
                new LiveServer.Credentials(
                        json.findValue("accessKeyId").asText(),
                        json.findValue("secretAccessKey").asText());
        try (var wire = new Wire(server.endpoint())) {
            wire.intake(alice, Wire.bytes(Sample.now(LiveServer.ACCOUNT, number).json()))
                    .expect(200);
        }
    }
}
