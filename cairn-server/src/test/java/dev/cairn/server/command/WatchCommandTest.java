package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.watch.AtMost;
import dev.cairn.watch.Threshold;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WatchCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void a_pace_out_of_bounds_is_refused_by_its_option() throws Exception {
        for (var wrong : List.of("0/1m", "61/1m", "1/59s", "1/8d", "x/1m", "1", "1/", "1/1m/1m")) {
            assertThatExceptionOfType(CommandException.class)
                    .as(wrong)
                    .isThrownBy(() -> WatchCommand.pace(wrong))
                    .satisfies(refused -> {
                        assertThat(refused.exitCode()).isEqualTo(CommandException.USAGE);
                        assertThat(refused).hasMessageStartingWith("--at-most: expected ");
                    });
        }
        assertThat(WatchCommand.pace("1/10m")).hasToString("1/10m");
    }

    @Test
    void a_test_counts_an_event_for_each_of_its_values() throws Exception {
        var found =
                new WatchCommand.Found(
                        Optional.of(
                                new Threshold(
                                        1, Duration.ofMinutes(1), Optional.of("any.member"))));
        var part =
                JSON.readTree(
                        """
                        {"events": [{"eventId": "3", "eventTime": 62, "values": ["b"]},
                                    {"eventId": "2", "eventTime": 61, "values": ["a", "b"]},
                                    {"eventId": "1", "eventTime": 60, "values": ["a", "b"]}]}
                        """);
        assertThat(found.add(part, JSON.createObjectNode())).isFalse();
        var times = new WatchCommand.Times(Instant.EPOCH, Instant.EPOCH.plusSeconds(90));
        assertThat(found.json(AtMost.DEFAULT, times).path("events"))
                .extracting(event -> event.path("eventId").asText())
                .containsExactly("2");
    }

    @Test
    void a_test_says_what_it_could_not_find() throws Exception {
        var found = new WatchCommand.Found(Optional.empty());
        var asked = JSON.createObjectNode();
        var first =
                (ObjectNode)
                        JSON.readTree("{\"nextToken\":\"t\",\"behindSince\":60,\"cut\":\"c\"}");
        assertThat(found.add(first, asked)).isTrue();
        assertThat(found.add(JSON.createObjectNode(), asked)).isFalse();
        var times = new WatchCommand.Times(Instant.EPOCH, Instant.EPOCH.plusSeconds(90));
        assertThat(JSON.readTree(found.json(AtMost.DEFAULT, times).toString()))
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"from": "1970-01-01T00:00:00Z", "to": "1970-01-01T00:01:30Z", "fired": 0,
                                 "messages": 0, "examined": 0, "unasked": 0, "more": false, "cut": "c",
                                 "behindSince": "1970-01-01T00:01:00Z", "events": []}
                                """));
    }
}
