package dev.cairn.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.configuration.Settings;
import dev.cairn.testkit.ledger.Entries;
import dev.cairn.testkit.wire.ScriptedServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The gateways of a whole Cairn.
class GatewaysTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder = Path.of("");

    private Cairn start(Map<String, String> set) throws Exception {
        var settings = new Settings();
        settings.set("http.port", "0", "test");
        settings.set("gateway.listen", "127.0.0.1:0", "test");
        for (var entry : set.entrySet()) {
            settings.set(entry.getKey(), entry.getValue(), "test");
        }
        return Cairn.start(Configuration.of(folder, settings));
    }

    private List<JsonNode> recorded() throws Exception {
        var events = new ArrayList<JsonNode>();
        try (var data = DataFolder.open(folder);
                var ledger =
                        SegmentLedger.open(
                                data.disk(), LedgerSettings.DEFAULTS, InstantSource.system())) {
            for (var held : Entries.held(ledger, 0)) {
                events.add(JSON.readTree(held.entry().json()));
            }
        }
        return events;
    }

    @Test
    void that_reads_are_left_out_is_recorded_at_the_start_and_with_their_number() throws Exception {
        try (var upstream =
                        new ScriptedServer(peer -> {
                            while (true) {
                                peer.head();
                                peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                            }
                        });
                var http = HttpClient.newHttpClient()) {
            try (var _ =
                    start(
                            Map.of(
                                    "gateway.upstream",
                                    upstream.address().toString(),
                                    "gateway.sample-reads",
                                    "0"))) {
                var note = JSON.readTree(folder.resolve("server.json").toFile());
                var gateway = URI.create(note.path("gateways").path(0).path("url").asText());
                for (var i = 0; i < 2; i++) {
                    var request = HttpRequest.newBuilder(gateway.resolve("/bucket/key")).build();
                    assertThat(
                                    http.send(request, HttpResponse.BodyHandlers.discarding())
                                            .statusCode())
                            .isEqualTo(200);
                }
            }
        }

        var events = recorded();
        assertThat(events).noneMatch(event -> event.path("eventName").asText().equals("GetObject"));
        assertThat(events)
                .filteredOn(event -> event.path("eventName").asText().equals("SampledReads"))
                .extracting(event -> event.path("serviceEventDetails").toString())
                .containsExactly("{\"share\":0.0,\"leftOut\":0}", "{\"share\":0.0,\"leftOut\":2}");
    }
}
