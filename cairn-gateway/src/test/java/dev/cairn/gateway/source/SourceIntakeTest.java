package dev.cairn.gateway.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.intake.Checked;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Position;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceIntakeTest {
    private static final String LINE =
            """
            {"api":{"name":"GetObject","bucket":"b","object":"k","statusCode":200},"time":"%s","requestID":"%s"}
            """;

    private final Source minio = new MinioAudit(new Listener().principals());

    @Test
    void the_same_original_is_the_same_event_whenever_it_comes() throws Exception {
        var body = LINE.formatted("2026-11-21T08:00:00Z", "1");
        var first = Listener.sift(minio, body);
        var again =
                Listener.sift(minio, ("\n" + body).getBytes(UTF_8), Listener.NOW.plusSeconds(3600));
        var other = Listener.sift(minio, LINE.formatted("2026-11-21T08:00:00Z", "2"));

        assertThat(Listener.events(again)).isEqualTo(Listener.events(first));
        assertThat(Listener.events(other).getFirst().path("eventID"))
                .isNotEqualTo(Listener.events(first).getFirst().path("eventID"));
    }

    @Test
    void a_time_that_cannot_be_is_that_of_receipt() throws Exception {
        for (var time : List.of("2026-11-21T09:00:00Z", "1970-01-01T00:00:00Z", "now", "")) {
            var event = Listener.event(minio, LINE.formatted(time, "1"));

            assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T08:00:05Z");
            assertThat(event.path("additionalEventData").path("eventTimeOf").asText())
                    .isEqualTo("receipt");
            assertThat(event.path("additionalEventData").path("original").path("time").asText())
                    .isEqualTo(time);
        }
    }

    @Test
    void one_broken_line_spoils_no_other() throws Exception {
        var sifted =
                Listener.sift(
                        minio,
                        LINE.formatted("2026-11-21T08:00:00Z", "1")
                                + "what is this\n[1]\n{\"api\":tru}\n"
                                + LINE.formatted("2026-11-21T08:00:00Z", "2"));

        assertThat(Listener.batch(sifted).taken()).hasSize(2);
        assertThat(Listener.batch(sifted).refused()).hasSize(3);
    }

    @Test
    void nothing_a_client_sends_can_keep_its_call_from_being_recorded() throws Exception {
        var line =
                LINE.formatted("2026-11-21T08:00:00Z", "1")
                        .replace("\"k\"", "\"\u00ff\\ud800\\u0007" + "\"");
        for (var body : List.of(line.getBytes(ISO_8859_1), deep(line), shapeless(line))) {
            var sifted = Listener.sift(minio, body, Listener.NOW);

            assertThat(Listener.batch(sifted).refused()).isEmpty();
            assertThat(Listener.events(sifted)).hasSize(1);
        }
    }

    private static byte[] deep(String line) {
        var nested = "[".repeat(300) + "]".repeat(300);
        return line.replace("\"requestID\"", "\"tags\":" + nested + ",\"requestID\"")
                .getBytes(UTF_8);
    }

    private static byte[] shapeless(String line) {
        return line.replace("{\"name\":\"GetObject\"", "{\"name\":{\"a\":[1e999]}")
                .replace("\"requestID\":\"1\"", "\"requestID\":[],\"requestHeader\":7")
                .getBytes(UTF_8);
    }

    @Test
    void a_body_of_too_many_is_refused_whole() throws Exception {
        var sifted = Listener.sift(minio, LINE.repeat(Listener.ORIGINALS_MAX + 1));

        assertThat(sifted.checked()).isEqualTo(new Checked.TooMany(Listener.ORIGINALS_MAX));
    }

    @Test
    void who_is_pushed_back_hears_whether_something_was_taken() {
        var full = new Append.Pushback(Duration.ofSeconds(30), "the disk is full");
        var taken = new Append.Recorded(new Position(0, 7));
        var again = new Append.Pushback(Duration.ofSeconds(5), "no room");

        assertThat(SourceIntake.pushedBack(List.of(taken))).isEmpty();
        assertThat(SourceIntake.pushedBack(List.of())).isEmpty();
        assertThat(SourceIntake.pushedBack(List.of(full, again)))
                .contains(
                        new Append.Pushback(
                                full.retryAfter(), "nothing was taken: the disk is full"));
        assertThat(SourceIntake.pushedBack(List.of(taken, full)))
                .contains(
                        new Append.Pushback(
                                full.retryAfter(),
                                "not all was taken; send it again, what was taken is not recorded twice: the disk is full"));
    }

    @Test
    void a_logs_event_that_is_there_already_is_there_and_a_forms_is_a_conflict() {
        var first = new Position(0, 7);
        List<Append> appended = List.of(new Append.Conflict(first));

        assertThat(SourceIntake.outcomes(minio, appended))
                .containsExactly(new Append.Duplicate(first));
        assertThat(SourceIntake.outcomes(new SignIns(), appended)).isEqualTo(appended);
    }
}
