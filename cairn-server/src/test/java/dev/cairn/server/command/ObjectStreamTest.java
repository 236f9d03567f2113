package dev.cairn.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.ArchiveException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectStreamTest {
    private static final String ANSWER =
            """
            {"key":"a","length":5,"stored":"2026-11-21T09:00:00Z","contentType":"application/json",\
            "contentEncoding":"gzip","metadata":{"signature":"beef"}}
            3
            on
            2
            eeend
            {"key":"ü/none","code":"NoSuchKey","message":"The specified key does not exist."}
            {"key":"c","length":0,"metadata":{}}
            end
            {"key":"d","code":"AccessDenied","message":"no"}
            {"answered":4}
            """;
    private static final List<String> KEYS = List.of("a", "ü/none", "c", "d", "e");

    private static ObjectStream stream(String answer) {
        return new ObjectStream(new ByteArrayInputStream(answer.getBytes(UTF_8)), KEYS);
    }

    /// However the bytes come in.
    private static ObjectStream trickle(String answer, int atOnce) {
        return new ObjectStream(
                new ByteArrayInputStream(answer.getBytes(UTF_8)) {
                    @Override
                    public synchronized int read(byte[] into, int offset, int count) {
                        return super.read(into, offset, Math.min(count, atOnce));
                    }
                },
                KEYS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 1000})
    void objects_are_read_one_after_the_other(int atOnce) throws Exception {
        try (var objects = trickle(ANSWER, atOnce)) {
            assertThat(objects.next()).isTrue();
            var first = objects.open().orElseThrow();
            assertThat(first.length()).isEqualTo(5);
            assertThat(first.stored()).isEqualTo(Instant.parse("2026-11-21T09:00:00Z"));
            assertThat(first.description().contentEncoding()).isEqualTo("gzip");
            assertThat(first.description().metadata()).containsEntry("signature", "beef");
            assertThat(new String(first.bytes().readAllBytes(), UTF_8)).isEqualTo("on\nee");
            assertThat(objects.next()).isTrue();
            assertThat(objects.open()).isEmpty();
            assertThat(objects.next()).isTrue();
            assertThat(objects.open().orElseThrow().bytes().readAllBytes()).isEmpty();
            assertThat(objects.next()).isTrue();
            assertThatThrownBy(objects::open)
                    .isInstanceOfSatisfying(
                            ArchiveException.class,
                            denied ->
                                    assertThat(denied.kind())
                                            .isEqualTo(ArchiveException.Kind.DENIED));
            assertThat(objects.next()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000})
    void what_was_not_read_is_passed_over(int atOnce) throws Exception {
        try (var objects = trickle(ANSWER, atOnce)) {
            assertThat(objects.next()).isTrue();
            InputStream left = objects.open().orElseThrow().bytes();
            assertThat(left.read()).isEqualTo('o');
            assertThat(objects.next()).isTrue();
            assertThat(objects.open()).isEmpty();
            assertThatThrownBy(left::read).isInstanceOf(IOException.class);
        }
    }

    @Test
    void an_object_that_is_broken_breaks_and_the_next_one_comes() throws Exception {
        try (var objects = stream(ANSWER.replace("eeend", "eebroken"))) {
            assertThat(objects.next()).isTrue();
            var bytes = objects.open().orElseThrow().bytes();
            assertThatThrownBy(bytes::readAllBytes).isInstanceOf(IOException.class);
            assertThat(objects.next()).isTrue();
            assertThat(objects.open()).isEmpty();
        }
    }

    @Test
    void an_answer_that_is_cut_off_anywhere_is_never_taken_for_whole() throws Exception {
        var bytes = ANSWER.getBytes(UTF_8);
        for (var length = 0; length < bytes.length; length++) {
            try (var objects = new ObjectStream(new ByteArrayInputStream(bytes, 0, length), KEYS)) {
                assertThatThrownBy(() -> readAll(objects)).isInstanceOf(IOException.class);
            }
        }
    }

    private static void readAll(ObjectStream objects) throws IOException {
        while (objects.next()) {
            try {
                var content = objects.open();
                if (content.isPresent()) {
                    assertThat(content.get().bytes().readAllBytes())
                            .hasSize((int) content.get().length());
                }
            } catch (ArchiveException _) {
                // Refused, as it should be.
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"key\":\"b\",\"code\":\"NoSuchKey\"}\n{\"answered\":1}\n",
                "{\"answered\":1}\n",
                "oh\n",
                "\n",
                "{\"key\":\"a\",\"length\":5}\n-1\n",
            })
    void what_was_not_asked_for_is_no_answer(String answer) throws Exception {
        try (var objects = stream(answer)) {
            assertThatThrownBy(() -> readAll(objects)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void more_than_was_asked_for_is_no_answer() throws Exception {
        var one = "{\"key\":\"a\",\"code\":\"NoSuchKey\"}\n";
        try (var objects =
                new ObjectStream(
                        new ByteArrayInputStream((one + one).getBytes(UTF_8)), List.of("a"))) {
            assertThatThrownBy(() -> readAll(objects)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_line_without_an_end_is_no_answer() throws Exception {
        try (var objects = stream("{".repeat(100_000))) {
            assertThatThrownBy(objects::next).isInstanceOf(IOException.class);
        }
    }
}
