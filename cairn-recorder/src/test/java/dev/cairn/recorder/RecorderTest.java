package dev.cairn.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
    private static final Duration WAIT_MAX = Duration.ofSeconds(30);

    @TempDir Path folder;

    private Recorder.Builder recorder(URI endpoint) {
        return Recorder.to(endpoint, folder)
                .token("a-token")
                .account("111122223333")
                .source("orders.example.com")
                .closeWait(Duration.ZERO);
    }

    /// An address where nobody listens.
    private static URI nowhere() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
    }

    private static Event event(int number) {
        return Event.named("CreateOrder").requestParameter("number", number);
    }

    private static List<Integer> numbers(FakeIntake intake) {
        return intake.taken().stream()
                .map(event -> event.path("requestParameters").path("number").asInt())
                .toList();
    }

    @Test
    void what_is_recorded_is_sent_in_order_and_in_batches() throws Exception {
        try (var intake = new FakeIntake();
                var recorder =
                        recorder(intake.endpoint())
                                .batchEvents(10)
                                .flushInterval(Duration.ofSeconds(20))
                                .open()) {
            var expected = new ArrayList<Integer>();
            for (var i = 0; i < 35; i++) {
                recorder.record(event(i));
                expected.add(i);
            }

            assertThat(recorder.flush(WAIT_MAX)).isTrue();

            assertThat(numbers(intake)).isEqualTo(expected);
            assertThat(intake.batches).hasSize(4);
            assertThat(Set.copyOf(intake.authorizations)).containsExactly("Bearer a-token");
            var status = recorder.status();
            assertThat(status.recorded()).isEqualTo(35);
            assertThat(status.sent()).isEqualTo(35);
            assertThat(status.pending()).isZero();
            assertThat(status.spoolBytes()).isZero();
            assertThat(status.lastFailure()).isNull();
        }
    }

    @Test
    void what_was_not_sent_is_sent_by_the_next_recorder_of_the_spool() throws Exception {
        var ids = new ArrayList<String>();
        try (var recorder = recorder(nowhere()).open()) {
            for (var i = 0; i < 5; i++) {
                ids.add(recorder.record(event(i)));
            }
            assertThat(recorder.flush(Duration.ofMillis(1))).isFalse();
            assertThat(recorder.status().pending()).isEqualTo(5);
        }
        try (var intake = new FakeIntake();
                var recorder = recorder(intake.endpoint()).open()) {
            ids.add(recorder.record(event(5)));
            assertThat(recorder.flush(WAIT_MAX)).isTrue();

            assertThat(intake.taken().stream().map(event -> event.path("eventID").asText()))
                    .isEqualTo(ids);
        }
        // What was sent is not sent again.
        try (var intake = new FakeIntake();
                var recorder = recorder(intake.endpoint()).open()) {
            assertThat(recorder.status().pending()).isZero();
            recorder.record(event(6));
            assertThat(recorder.flush(WAIT_MAX)).isTrue();
            assertThat(numbers(intake)).containsExactly(6);
        }
    }

    @Test
    void it_comes_again_after_push_back_errors_and_answers_that_are_none() throws Exception {
        try (var intake = new FakeIntake();
                var recorder = recorder(intake.endpoint()).open()) {
            intake.next(503, "1", "{\"__type\":\"ServiceUnavailable\"}")
                    .next(200, "", "<html>Welcome to the hotel's network</html>")
                    .next(200, "", "{\"recorded\":7,\"duplicates\":0,\"refused\":[]}")
                    .next(404, "", "")
                    .nextLost();

            var begun = System.nanoTime();
            recorder.record(event(1));
            recorder.record(event(2));

            assertThat(recorder.flush(WAIT_MAX)).isTrue();
            assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
            assertThat(numbers(intake)).containsExactly(1, 2);
            assertThat(recorder.status().sent()).isEqualTo(2);
            assertThat(recorder.status().lastFailure()).asString().contains("500");
        }
    }

    @Test
    void an_answer_that_does_not_end_is_given_up() throws Exception {
        try (var intake = new FakeIntake();
                var recorder =
                        recorder(intake.endpoint()).answerMax(Duration.ofSeconds(1)).open()) {
            intake.nextStalled();
            recorder.record(event(1));
            assertThat(recorder.flush(WAIT_MAX)).isTrue();
            assertThat(numbers(intake)).containsExactly(1);
            assertThat(recorder.status().lastFailure()).asString().contains("no whole answer");
        }
    }

    @Test
    void what_cairn_refuses_is_kept_by_its_id_with_the_reason() throws Exception {
        try (var intake = new FakeIntake();
                var recorder = recorder(intake.endpoint()).open()) {
            intake.refusing(event -> event.path("recipientAccountId").asText().equals("9"));

            recorder.record(event(1));
            var refused = recorder.record(event(2).account("9"));
            recorder.record(event(3));
            assertThat(recorder.flush(WAIT_MAX)).isTrue();

            assertThat(numbers(intake)).containsExactly(1, 3);
            var file = folder.resolve("refused").resolve(refused + ".json");
            JsonNode kept = FakeIntake.JSON.readTree(Files.readString(file));
            assertThat(kept.path("code").asText()).isEqualTo("AccessDenied");
            assertThat(kept.path("message").asText()).isEqualTo("expected another account");
            assertThat(kept.path("event").path("eventID").asText()).isEqualTo(refused);
            var status = recorder.status();
            assertThat(status.refused()).isEqualTo(1);
            assertThat(status.sent()).isEqualTo(2);
            assertThat(status.spoolBytes()).isEqualTo(Files.size(file));
            assertThat(status.lastFailure()).asString().contains(refused, "AccessDenied");
        }
    }

    @Test
    void a_batch_that_is_too_large_is_sent_in_parts() throws Exception {
        try (var intake = new FakeIntake();
                var recorder =
                        recorder(intake.endpoint()).flushInterval(Duration.ofSeconds(20)).open()) {
            intake.next(413, "", "").next(413, "", "");
            for (var i = 0; i < 8; i++) {
                recorder.record(event(i));
            }

            assertThat(recorder.flush(WAIT_MAX)).isTrue();

            assertThat(intake.batches.subList(0, 3)).containsExactly(8, 4, 2);
            assertThat(numbers(intake)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        }
    }

    @Test
    void a_full_spool_pushes_back_and_takes_events_again_when_cairn_does() throws Exception {
        var content = "x".repeat(90_000);
        try (var intake = new FakeIntake();
                var recorder = recorder(intake.endpoint()).spoolBytesMax(1 << 20).open()) {
            intake.gate = new CountDownLatch(1);
            var recorded = 0;
            RecordingException full = null;
            while (full == null) {
                try {
                    recorder.record(event(recorded).requestParameter("content", content));
                    recorded++;
                } catch (RecordingException failure) {
                    full = failure;
                }
            }

            assertThat(full.kind()).isEqualTo(RecordingException.Kind.FULL);
            assertThat(recorded).isEqualTo(11);
            assertThat(recorder.status().pushedBack()).isEqualTo(1);
            assertThatExceptionOfType(RecordingException.class)
                    .isThrownBy(recorder::room)
                    .matches(failure -> failure.kind() == RecordingException.Kind.FULL);
            intake.gate.countDown();
            assertThat(recorder.flush(WAIT_MAX)).isTrue();
            assertThat(numbers(intake)).hasSize(recorded);
            recorder.record(event(99));
            assertThat(recorder.flush(WAIT_MAX)).isTrue();
            assertThat(numbers(intake)).contains(99);
            assertThat(recorder.status().spoolBytes()).isZero();
        }
    }

    @Test
    void who_waits_for_room_gets_it() throws Exception {
        var content = "x".repeat(90_000);
        try (var intake = new FakeIntake();
                var recorder =
                        recorder(intake.endpoint())
                                .spoolBytesMax(1 << 20)
                                .waitForRoom(WAIT_MAX)
                                .open()) {
            intake.next(503, "1", "");
            for (var i = 0; i < 40; i++) {
                recorder.record(event(i).requestParameter("content", content));
            }
            assertThat(recorder.flush(WAIT_MAX)).isTrue();
            assertThat(numbers(intake)).hasSize(40);
            assertThat(recorder.status().pushedBack()).isZero();
        }
    }

    @Test
    void who_has_room_is_not_pushed_back() throws Exception {
        var content = "x".repeat(90_000);
        try (var recorder = recorder(nowhere()).spoolBytesMax(1 << 20).open()) {
            var room = recorder.room();
            var unused = recorder.room();
            var recorded = 0;
            var full = false;
            while (!full) {
                try {
                    recorder.record(event(recorded).requestParameter("content", content));
                    recorded++;
                } catch (RecordingException failure) {
                    full = true;
                }
            }

            room.record(event(100).requestParameter("content", content));
            assertThatIllegalStateException().isThrownBy(() -> room.record(event(101)));
            room.close();
            unused.close();
            unused.close();

            assertThat(recorder.status().pending()).isEqualTo(recorded + 1);
            recorder.record(event(102).requestParameter("content", content));
        }
    }

    @Test
    void a_room_that_is_forgotten_comes_back_and_is_counted() throws Exception {
        try (var recorder = recorder(nowhere()).open()) {
            forgetRoom(recorder);
            var end = System.nanoTime() + WAIT_MAX.toNanos();
            while (recorder.status().failed() == 0 && System.nanoTime() - end < 0) {
                System.gc();
                Thread.onSpinWait();
            }
            assertThat(recorder.status().failed()).isEqualTo(1);
            assertThat(recorder.status().spoolBytes()).isZero();
        }
    }

    private static void forgetRoom(Recorder recorder) {
        assertThat(recorder.room()).isNotNull();
    }

    @Test
    void many_threads_record_each_event_once_though_answers_are_lost() throws Exception {
        Set<String> ids = ConcurrentHashMap.newKeySet();
        try (var intake = new FakeIntake();
                var recorder = recorder(intake.endpoint()).batchEvents(50).open();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            intake.nextLost().next(503, "", "").nextLost();
            var tasks = new ArrayList<Future<?>>();
            for (var thread = 0; thread < 8; thread++) {
                tasks.add(
                        threads.submit(() -> {
                            for (var i = 0; i < 50; i++) {
                                ids.add(recorder.record(event(i)));
                            }
                        }));
            }
            for (var task : tasks) {
                task.get();
            }
            assertThat(recorder.flush(WAIT_MAX)).isTrue();
            assertThat(intake.taken().stream().map(event -> event.path("eventID").asText()))
                    .containsExactlyInAnyOrderElementsOf(ids)
                    .hasSize(400);
        }
    }

    @Test
    void a_thread_that_is_interrupted_records_all_the_same() throws Exception {
        try (var intake = new FakeIntake();
                var recorder = recorder(intake.endpoint()).open()) {
            Thread.currentThread().interrupt();
            recorder.record(event(1));
            assertThat(Thread.interrupted()).isTrue();
            recorder.record(event(2));
            assertThat(recorder.flush(WAIT_MAX)).isTrue();
            assertThat(numbers(intake)).containsExactly(1, 2);
        }
    }

    @Test
    void what_the_disk_does_not_take_is_not_recorded_and_not_sent() throws Exception {
        try (var intake = new FakeIntake();
                var recorder = recorder(intake.endpoint()).open()) {
            try (var files = Files.walk(folder)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
            assertThatExceptionOfType(RecordingException.class)
                    .isThrownBy(() -> recorder.record(event(1)))
                    .matches(failure -> failure.kind() == RecordingException.Kind.DISK);
            assertThat(recorder.status().failed()).isEqualTo(1);
            assertThat(recorder.status().spoolBytes()).isZero();

            Files.createDirectories(folder);
            recorder.record(event(2));
            assertThat(recorder.flush(WAIT_MAX)).isTrue();
            assertThat(numbers(intake)).containsExactly(2);
        }
    }

    @Test
    void a_spool_is_for_one_recorder() throws Exception {
        try (var first = recorder(nowhere()).open()) {
            assertThatExceptionOfType(RecordingException.class)
                    .isThrownBy(() -> recorder(nowhere()).open())
                    .withMessageContaining("no other recorder");
            first.record(event(1));
        }
        var closed = recorder(nowhere()).open();
        closed.close();
        assertThatExceptionOfType(RecordingException.class)
                .isThrownBy(() -> closed.record(event(2)))
                .matches(failure -> failure.kind() == RecordingException.Kind.CLOSED);
    }

    @Test
    void what_it_lacks_is_said_at_once() {
        var nobody = URI.create("http://127.0.0.1:1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recorder.to(URI.create("ftp://cairn"), folder))
                .withMessageContaining("expected an endpoint");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recorder.to(nobody, folder).source("a").token("t").open())
                .withMessageContaining("expected an account");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recorder.to(nobody, folder).account("1").token("t").open())
                .withMessageContaining("expected a source");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recorder.to(nobody, folder).account("1").source("a").open())
                .withMessageContaining("either a token or a key");
    }
}
