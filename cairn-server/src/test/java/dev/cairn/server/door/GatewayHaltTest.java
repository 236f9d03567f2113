package dev.cairn.server.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.gateway.recording.CallJournal;
import dev.cairn.testkit.fault.HaltingDisk;
import dev.cairn.testkit.fault.HaltingDisk.When;
import dev.cairn.testkit.fault.OwnProcess;
import dev.cairn.testkit.ledger.Entries;
import dev.cairn.testkit.wire.ScriptedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A gateway halted at its nth disk operation, journal and ledger, for every n of a fixed story:
/// whoever goes on after it records each write that the upstream answered, and each call whose
/// client has its answer, once.
final class GatewayHaltTest {
    private static final int SAMPLE = 7;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<String> written = ConcurrentHashMap.newKeySet();

    @TempDir Path temp;
    private ScriptedServer upstream;

    @BeforeEach
    void start() throws IOException {
        upstream = new ScriptedServer(this::answer);
    }

    @AfterEach
    void stop() throws IOException {
        upstream.close();
    }

    private void answer(ScriptedServer.Peer peer) throws IOException {
        while (true) {
            var words = peer.head().split(" ", 3);
            var key = words[1].substring("/bucket/".length());
            if (words[0].equals("DELETE")) {
                written.add(key);
            }
            var body = key.startsWith("long") ? "x".repeat(3000) : "";
            peer.say(
                    "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                            .formatted(body.length(), body));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"strict", "spool"})
    void a_gateway_halted_around_every_seventh_operation_records_each_call_once(String mode)
            throws Exception {
        var operations = operations(mode);
        for (long n = 1; n <= operations; n += SAMPLE) {
            // Both sides of an operation take turns.
            halt(mode, n, n % 2 == 0 ? When.BEFORE : When.AFTER);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"strict", "spool"})
    @Tag("long")
    void a_gateway_halted_around_or_amid_any_operation_records_each_call_once(String mode)
            throws Exception {
        var operations = operations(mode);
        for (long n = 1; n <= operations; n++) {
            for (var when : When.values()) {
                halt(mode, n, when);
            }
        }
    }

    /// How many operations the story takes when nobody halts it.
    private long operations(String mode) throws Exception {
        var folder = Files.createDirectory(temp.resolve("whole"));
        var output = run(folder, mode, 0, When.AFTER, 0);
        check(folder, output);
        assertThat(output.stream().filter(line -> line.startsWith("answered")))
                .hasSize(8)
                .allMatch(line -> line.endsWith(" 200"));
        var last = output.getLast();
        assertThat(last).startsWith("operations ");
        var operations = Long.parseLong(last.substring("operations ".length()));
        assertThat(operations).isGreaterThan(30);
        return operations;
    }

    private void halt(String mode, long n, When when) throws Exception {
        var folder = Files.createDirectory(temp.resolve(n + "-" + when));
        var output = run(folder, mode, n, when, HaltingDisk.HALTED);
        try {
            check(folder, output);
        } catch (AssertionError failure) {
            throw new AssertionError(
                    "%s, halted %s operation %d".formatted(mode, when, n), failure);
        }
    }

    private List<String> run(Path folder, String mode, long nth, When when, int exit)
            throws Exception {
        written.clear();
        var process =
                OwnProcess.run(
                        List.of(),
                        temp,
                        GatewayWork.class,
                        folder.toString(),
                        Long.toString(nth),
                        when.name(),
                        upstream.address().toString(),
                        mode);
        assertThat(process.exit()).as(process.errors()).isEqualTo(exit);
        return process.output();
    }

    private void check(Path folder, List<String> output) throws Exception {
        var answered =
                output.stream()
                        .map(line -> line.split(" ", -1))
                        .filter(words -> words[0].equals("answered") && words[2].equals("200"))
                        .map(words -> words[1])
                        .collect(Collectors.toSet());
        var recorded = recorded(folder);

        assertThat(recorded.keySet()).containsAll(written).containsAll(answered);
        assertThat(recorded)
                .allSatisfy((key, event) ->
                        assertThat(answered.contains(key) && event.has("errorCode"))
                                .as("%s is recorded as what it was", key)
                                .isFalse());
        // And the next who goes on finds nothing more to record.
        assertThat(recorded(folder)).isEqualTo(recorded);
    }

    /// What a gateway that goes on records: events by key, each of which there is once.
    private static Map<String, JsonNode> recorded(Path folder) throws Exception {
        var disk = new RealDisk(folder);
        try (var ledger = GatewayWork.ledger(disk);
                var journal = CallJournal.open(disk, GatewayWork.FOLDER, GatewayWork.JOURNAL)) {
            assertThat(GatewayWork.forwarder(journal, ledger).forward()).isEmpty();
            assertThat(journal.pendingEvents()).isZero();
            var recorded = new HashMap<String, JsonNode>();
            for (var held : Entries.held(ledger, 0)) {
                var event = JSON.readTree(held.entry().json());
                var key = event.path("requestParameters").path("key").asText();
                assertThat(recorded.put(key, event)).as("the first event of " + key).isNull();
            }
            return recorded;
        }
    }
}
