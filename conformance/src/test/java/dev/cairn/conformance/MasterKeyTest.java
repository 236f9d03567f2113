package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The master key of a folder that is lived in: changed by `cairn key rotate-master`, lost, wrong.
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

    @Tag("long")
    @Test
    void lostOrWrongKeyIsSaidAndNothingIsOverwritten() throws Exception {
        try (var server = LiveServer.start()) {
            var key =
                    server.cairn("key", "create", "--user", "alice", "--allow", "operate", "--json")
                            .exited(0)
                            .out();
            recordsAsAlice(server, key, 1);
            server.stop();
            var master = server.data().resolve("keys/master");
            var right = Files.readAllBytes(master);
            var before = contents(server.data());

            Files.delete(master);
            refusesToStart(server, "the master key in " + master, "Put it back from your backup");
            assertThat(master).doesNotExist();

            var wrong = Base64.getEncoder().encode(new byte[32]);
            Files.write(master, wrong);
            refusesToStart(server, "the master key (keys.master) is not the one");
            assertThat(master).hasBinaryContent(wrong);

            Files.writeString(master, "half a key");
            refusesToStart(server, master.toString());

            Files.write(master, right);
            assertThat(contents(server.data())).isEqualTo(before);
            server.restart();
            recordsAsAlice(server, key, 2);
            assertThat(server.events("eventSource:sample.amazonaws.com")).hasSize(2);
        }
    }

    private static void refusesToStart(LiveServer server, String... said) throws Exception {
        var refused =
                Command.run(
                        server.home(),
                        Map.of(),
                        Command.cairn("serve", "--port", "0", "--data", server.data().toString()));
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).contains(said);
    }

    /// The files that hold what was recorded and what is known, by name.
    private static Map<String, String> contents(Path data) throws Exception {
        var contents = new TreeMap<String, String>();
        try (var files = Files.walk(data)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = data.relativize(file).toString();
                if (name.startsWith("keys/") || name.endsWith(".db")) {
                    contents.put(
                            name,
                            HexFormat.of()
                                    .formatHex(
                                            MessageDigest.getInstance("SHA-256")
                                                    .digest(Files.readAllBytes(file))));
                }
            }
        }
        return contents;
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
