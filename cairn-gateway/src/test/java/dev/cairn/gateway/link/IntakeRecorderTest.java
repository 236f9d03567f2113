package dev.cairn.gateway.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.Place;
import dev.cairn.gateway.recording.Recorder.NotRecorded;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.secret.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntakeRecorderTest {
    private static final Scope MINE = new Scope("111122223333", false);

    private FakeCairn cairn;
    private CairnLink link;
    private IntakeRecorder recorder;

    @BeforeEach
    void open() throws IOException {
        cairn = new FakeCairn();
        link = cairn.link();
        recorder = new IntakeRecorder(link, MINE);
    }

    @AfterEach
    void close() throws IOException {
        link.close();
        cairn.close();
    }

    private static Entry entry(int number) {
        return entry(number, "{\"number\":%d}".formatted(number));
    }

    private static Entry entry(int number, String json) {
        return new Entry(
                new Place("111122223333", "us-east-1"),
                new UUID(0, number).toString(),
                Origin.INTAKE,
                json.getBytes(UTF_8));
    }

    private static String outcome(int recorded, int duplicates, String... refused) {
        return "{\"recorded\":%d,\"duplicates\":%d,\"refused\":[%s]}"
                .formatted(recorded, duplicates, String.join(",", refused));
    }

    private static String refusal(int index, String code) {
        return "{\"index\":%d,\"code\":\"%s\",\"message\":\"expected less\"}"
                .formatted(index, code);
    }

    @Test
    void an_event_goes_to_the_intake_with_the_token() throws Exception {
        cairn.says(200, outcome(1, 0));

        assertThat(recorder.record(entry(1))).isEmpty();

        assertThat(cairn.nextHead())
                .startsWith("POST /intake/v1/events HTTP/1.1\r\n")
                .contains("Authorization: Bearer CTOK.text\r\n");
        assertThat(cairn.bodies).containsExactly("{\"number\":1}\n");
    }

    @Test
    void a_key_signs_what_it_sends() throws Exception {
        cairn.says(200, outcome(1, 0));
        try (var signing =
                new CairnLink(
                        cairn.address(),
                        new Credential.Key(
                                "AKIAROOT",
                                new Secret("secret"),
                                Optional.of(new Secret("session"))),
                        cairn::now,
                        null)) {
            assertThat(new IntakeRecorder(signing, MINE).record(entry(1))).isEmpty();
        }

        assertThat(cairn.nextHead())
                .contains("Credential=AKIAROOT/20261121/us-east-1/cairn/aws4_request")
                .contains("x-amz-content-sha256: ")
                .contains("X-Amz-Security-Token: session");
    }

    @Test
    void what_is_recorded_already_is_recorded_whatever_it_says() throws Exception {
        cairn.says(200, outcome(0, 1, refusal(1, "EventIdConflict")));

        assertThat(recorder.recordAgain(List.of(entry(1), entry(2)))).isEmpty();
    }

    @Test
    void what_is_refused_is_named_and_the_rest_is_recorded() throws Exception {
        cairn.says(200, outcome(1, 1, refusal(1, "EventTooLarge")));

        var not = recorder.recordAgain(List.of(entry(1), entry(2), entry(3))).orElseThrow();

        assertThat(not.refused()).containsExactly(1);
        assertThat(not.pushback().reason())
                .isEqualTo(
                        "Cairn refuses event %s: EventTooLarge: expected less"
                                .formatted(entry(2).id()));
        cairn.says(400, outcome(0, 0, refusal(0, "EventTooLarge")));
        assertThat(recorder.record(entry(2))).isPresent();
    }

    @Test
    void when_one_is_pushed_back_all_come_again() throws Exception {
        cairn.says(200, outcome(1, 0, refusal(1, "PushedBack"), refusal(2, "EventTooLarge")));

        assertThat(recorder.recordAgain(List.of(entry(1), entry(2), entry(3))))
                .contains(
                        new NotRecorded(
                                new Append.Pushback(CairnLink.REST, "expected less"), Set.of()));
    }

    @Test
    void a_full_cairn_says_when_to_come_again() throws Exception {
        cairn.says(
                503,
                "Retry-After: 7\r\n",
                "{\"__type\":\"ServiceUnavailable\",\"message\":\"the disk is full\"}");

        assertThat(recorder.record(entry(1)))
                .contains(new Append.Pushback(Duration.ofSeconds(7), "the disk is full"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200|<html>a proxy</html>",
                "200|{}",
                "200|{\"recorded\":0,\"duplicates\":0,\"refused\":[]}",
                "200|{\"recorded\":2,\"duplicates\":0,\"refused\":[]}",
                "200|{\"recorded\":0,\"duplicates\":0,\"refused\":[{\"index\":1,\"code\":\"EventIdConflict\"}]}",
                "204|''",
                "302|{\"recorded\":1,\"duplicates\":0,\"refused\":[]}",
                "403|{\"message\":\"not you\"}",
                "500|oh"
            })
    void only_what_says_of_each_event_what_became_of_it_counts(int status, String body)
            throws Exception {
        cairn.says(status, body);

        assertThat(recorder.record(entry(1)).orElseThrow().reason())
                .startsWith("Cairn answered " + status);
    }

    @Test
    void many_events_go_in_bodies_that_every_cairn_takes() throws Exception {
        var large = "{\"a\":\"%s\"}".formatted("x".repeat(250 << 10));
        cairn.says(200, outcome(3, 0));

        assertThat(recorder.recordAgain(entries(6, large))).isEmpty();

        assertThat(cairn.bodies).hasSize(2).allMatch(body -> body.length() < 1 << 20);
        cairn.says(200, outcome(2, 0, refusal(1, "EventTooLarge")));
        assertThat(recorder.recordAgain(entries(6, large)).orElseThrow().refused())
                .containsExactlyInAnyOrder(1, 4);
    }

    private static List<Entry> entries(int count, String json) {
        return IntStream.range(0, count).mapToObj(number -> entry(number, json)).toList();
    }

    @Test
    void a_cairn_that_is_gone_is_told_from_one_that_is_full() throws Exception {
        cairn.close();

        assertThat(recorder.record(entry(1)).orElseThrow().reason())
                .startsWith("no Cairn answers at " + cairn.address());
    }

    @Test
    void events_are_taken_while_cairn_says_so() throws Exception {
        cairn.says(200, "{\"accountId\":\"123456789012\"}");
        assertThat(recorder.pushback()).isEmpty();
        assertThat(cairn.nextHead()).startsWith("GET /intake/v1/gateway HTTP/1.1\r\n");
        cairn.says(200, "{}");
        assertThat(recorder.pushback()).isPresent();
        cairn.says(503, "{\"accountId\":\"123456789012\",\"message\":\"the disk is full\"}");
        assertThat(recorder.pushback().orElseThrow().reason()).isEqualTo("the disk is full");
        cairn.says(403, "{\"message\":\"no\"}");
        assertThat(recorder.pushback().orElseThrow().reason()).isEqualTo("Cairn answered 403: no");
    }

    @Test
    void only_events_of_its_accounts_may_be_recorded() {
        assertThat(recorder.mayRecord("111122223333")).isTrue();
        assertThat(recorder.mayRecord("444455556666")).isFalse();
        assertThat(
                        new IntakeRecorder(link, new Scope("111122223333", true))
                                .mayRecord("444455556666"))
                .isTrue();
    }

    @Test
    void each_question_is_asked_anew_for_cairn_may_have_died_since() throws Exception {
        cairn.says(200, "{\"accountId\":\"123456789012\"}");
        assertThat(recorder.pushback()).isEmpty();
        cairn.close();

        assertThat(recorder.pushback()).isPresent();
    }

    @Test
    void a_cairn_that_does_not_answer_is_left_alone_for_a_second() throws Exception {
        cairn.says(0, "");
        assertThat(recorder.pushback()).isPresent();
        var asked = cairn.asked();
        cairn.says(200, "{\"accountId\":\"123456789012\"}");

        cairn.passes(CairnLink.REST.minusMillis(1));
        assertThat(recorder.pushback()).isPresent();
        assertThat(cairn.asked()).isEqualTo(asked);

        cairn.passes(Duration.ofMillis(1));
        assertThat(recorder.pushback()).isEmpty();
    }

    @Test
    void a_clock_that_is_set_back_leaves_cairn_alone_no_longer() throws Exception {
        cairn.says(0, "");
        assertThat(recorder.pushback()).isPresent();
        cairn.says(200, "{\"accountId\":\"123456789012\"}");

        cairn.passes(Duration.ofHours(-1));
        assertThat(recorder.pushback()).isEmpty();
    }
}
