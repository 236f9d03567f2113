package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A byte of the ledger changes while the server is stopped: what it costs is found, counted and
/// named, never passed over in silence, and costs nothing else.
final class CorruptSegmentTest {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final int BATCH = 100;

    private final List<Sample> samples = new ArrayList<>();

    @Test
    void damageInASealedSegmentCostsItsBlockAndIsNamed() throws Exception {
        try (var server = LiveServer.start("ledger.segment-bytes=1MB")) {
            while (segments(server, ".sealed").isEmpty()) {
                record(server);
                // Sealing goes on beside it.
                assertThat(samples).hasSizeLessThan(20_000);
            }
            server.stop();
            var segment = segments(server, ".sealed").getFirst();
            // In the middle of what is compressed, far from index and ids.
            flip(segment, Files.size(segment) / 3);
            found(server, segment, "expected a block of CRC");
        }
    }

    @Test
    void damageInTheSegmentWrittenToCostsOneEventAndIsNamed() throws Exception {
        try (var server = LiveServer.start()) {
            record(server);
            record(server);
            server.stop();
            var segment = segments(server, ".segment").getFirst();
            var text = Files.readString(segment, StandardCharsets.ISO_8859_1);
            flip(segment, text.indexOf(samples.get(BATCH / 2).id()));
            assertThat(found(server, segment, "expected CRC")).isEqualTo(1);
        }
    }

    private void record(LiveServer server) throws Exception {
        var batch = new ArrayList<Sample>();
        for (var i = 0; i < BATCH; i++) {
            batch.add(Sample.now(LiveServer.ACCOUNT, samples.size() + i));
        }
        try (var wire = new Wire(server.endpoint())) {
            wire.intake(LiveServer.ROOT, Sample.batch(batch)).expect(200);
        }
        samples.addAll(batch);
    }

    /// @param why what is said of the damage: which check found it
    /// @return how many events are lost
    private long found(LiveServer server, Path segment, String why) throws Exception {
        var name = "ledger/0/" + segment.getFileName();
        var fsck = server.cairn("fsck").exited(1);
        assertThat(fsck.out()).contains(name, "byte", "NOT proved");

        // History is made again by the server itself, so that a reader meets the damage.
        delete(server.data().resolve("history"));
        server.restart();
        try (var wire = new Wire(server.endpoint())) {
            var status =
                    Await.value(
                            Await.Bound.of("history caught up", BOUND),
                            () -> wire.get(LiveServer.ROOT, "/cairn/v1/status").expect(200).json(),
                            json -> json.at("/readers/0/pending").asLong() == 0);
            var aside = status.path("setAside").path(0);
            var lost = aside.path("count").asLong();
            assertThat(aside.path("reason").asText()).contains(name, "byte", why);
            assertThat(status.at("/readers/0/setAside").asLong()).isEqualTo(lost).isPositive();
            assertThat(status.at("/readers/0/balanced").asBoolean()).isTrue();
            assertThat(status.path("healthy").asBoolean()).isFalse();
            assertThat(status.at("/ledger/damaged/0/position").asText())
                    .isEqualTo(aside.path("position").asText());
            assertThat(server.cairn("status").exited(1).out())
                    .contains("DAMAGED", "set aside", name);
            searchable(wire, aside);

            // New events are recorded, and a lost one that is sent again.
            var next = Sample.now(LiveServer.ACCOUNT, samples.size());
            var again = samples.get(firstLost(wire));
            var answer = wire.intake(LiveServer.ROOT, Sample.batch(List.of(next, again)));
            assertThat(answer.expect(200).json().path("recorded").asInt()).isEqualTo(2);
            Await.until(
                    Await.Bound.of("the new events in history", BOUND),
                    () -> count(wire, next) == 1 && count(wire, again) == 1);
            return lost;
        }
    }

    /// Exactly the lost events are missing.
    private void searchable(Wire wire, JsonNode aside) throws Exception {
        var found = wire.search(LiveServer.ROOT, "eventName:SampleEvent");
        assertThat(found).hasSize(samples.size() - aside.path("count").asInt());
    }

    private int firstLost(Wire wire) throws Exception {
        var found =
                wire.search(LiveServer.ROOT, "eventName:SampleEvent").stream()
                        .map(JsonNode::toString)
                        .toList();
        var all = String.join("\n", found);
        for (var i = 0; i < samples.size(); i++) {
            if (!all.contains(samples.get(i).id())) {
                return i;
            }
        }
        throw new AssertionError("expected an event to be missing");
    }

    private static int count(Wire wire, Sample sample) throws Exception {
        return wire.search(LiveServer.ROOT, "eventID:" + sample.id()).size();
    }

    private static List<Path> segments(LiveServer server, String ending) throws IOException {
        try (var files = Files.list(server.data().resolve("ledger/0"))) {
            return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }

    private static void flip(Path file, long at) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[(int) at] ^= 1;
        Files.write(file, bytes);
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
