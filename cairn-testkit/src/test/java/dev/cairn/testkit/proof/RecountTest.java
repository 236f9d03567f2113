package dev.cairn.testkit.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cairn.digest.Gzip;
import dev.cairn.digest.Hashes;
import dev.cairn.proof.Finding;
import dev.cairn.proof.Kind;
import dev.cairn.proof.Recount;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is counted again in a bucket, by the hashes that its server kept.
class RecountTest {
    private static final String BUCKET = "logs";
    private static final Instant START = Instant.parse("2026-11-20T00:00:00Z");

    private final MapBuckets buckets = new MapBuckets(BUCKET);
    private final SealedBucket.Trail trail =
            new SealedBucket(buckets, BUCKET, new Random(1))
                    .trail("", "123456789012", "us-east-1", "main", new DigestKeys());

    @Test
    void every_file_of_every_digest_and_those_that_wait_are_counted() throws Exception {
        trail.hours(START, 10, 3);
        Recount.Written waiting = written(trail.file(START.plus(Duration.ofHours(11))));
        var told = new ArrayList<Long>();

        Recount.Result result =
                Recount.of(
                        buckets,
                        List.of(newest()),
                        List.of(waiting),
                        (digests, files, records) -> told.add(digests + files + records));

        assertThat(result).isEqualTo(new Recount.Result(31, 31, List.of(), 0));
        assertThat(told).hasSize(41).last().isEqualTo(10 + 31 + 31L);
    }

    @Test
    void nothing_is_counted_twice_where_one_run_leads_to_the_end_of_another() throws Exception {
        trail.hours(START, 4, 1);
        Recount.Written middle = newest();
        trail.hours(START.plus(Duration.ofHours(4)), 4, 1);
        Recount.Written last = newest();
        trail.restart().hours(START.plus(Duration.ofHours(9)), 2, 1);

        for (List<Recount.Written> ends :
                List.of(List.of(middle, last, newest()), List.of(newest(), last, middle))) {
            assertThat(count(ends)).isEqualTo(new Recount.Result(10, 10, List.of(), 0));
        }
    }

    @Test
    void a_file_that_is_missing_or_changed_is_named_and_not_counted() throws Exception {
        trail.hours(START, 2, 3);
        String missing = trail.files().get(0).key();
        String changed = trail.files().get(3).key();
        String cut = trail.files().get(4).key();
        buckets.items().remove(missing);
        put(changed, "{\"Records\":[{\"eventID\":\"1\"},{\"eventID\":\"2\"}]}");
        byte[] bytes = Objects.requireNonNull(buckets.items().get(cut)).bytes();
        buckets.items()
                .put(cut, new MapBuckets.Item(Arrays.copyOf(bytes, bytes.length - 1), Map.of()));

        Recount.Result result = count(List.of(newest()));

        assertThat(result.files()).isEqualTo(6);
        assertThat(result.records()).isEqualTo(3);
        assertThat(result.findings())
                .containsExactlyInAnyOrder(
                        new Finding(
                                Kind.MISSING, BUCKET, missing, "was delivered and is not there"),
                        new Finding(Kind.CHANGED, BUCKET, changed, "is not what was delivered"),
                        new Finding(
                                Kind.CHANGED,
                                BUCKET,
                                cut,
                                "is not what was delivered: the gzip data breaks off"));
    }

    @Test
    void what_the_store_does_not_give_is_named_as_such_and_not_counted() throws Exception {
        trail.hours(START, 2, 2);
        String file = trail.files().get(3).key();
        String digest = trail.digests().get(0).key();
        buckets.away().addAll(List.of(file, digest));
        Recount.Result result = count(List.of(newest()));
        assertThat(result.records()).isEqualTo(1);
        assertThat(result.findings())
                .containsExactly(
                        new Finding(
                                Kind.UNREADABLE,
                                BUCKET,
                                file,
                                "could not be read: the store is busy"),
                        new Finding(
                                Kind.UNREADABLE,
                                BUCKET,
                                digest,
                                "could not be read: the store is busy"));
    }

    /// However well it is made: it is not the one whose hash is known.
    @Test
    void another_digest_in_place_of_one_is_named_and_hides_what_was_before_it() throws Exception {
        trail.hours(START, 3, 1);
        String digest = trail.digests().get(1).key();
        put(digest, trail.digests().get(1).content().replace("main", "niam"));
        Recount.Result result = count(List.of(newest()));
        assertThat(result.records()).isEqualTo(1);
        assertThat(result.findings())
                .containsExactly(
                        new Finding(Kind.CHANGED, BUCKET, digest, "is not what was delivered"));
    }

    @Test
    void a_bucket_that_is_gone_is_named() throws Exception {
        Recount.Written elsewhere = new Recount.Written("gone", "k", "00");
        Recount.Result result = Recount.of(buckets, List.of(), List.of(elsewhere), QUIET);
        assertThat(result.findings())
                .containsExactly(
                        new Finding(
                                Kind.MISSING,
                                "gone",
                                "k",
                                "was delivered, and its bucket is not there"));
    }

    @Test
    void findings_are_bounded_and_all_are_counted() throws Exception {
        trail.window(START, Duration.ofHours(1), 150);
        trail.files().forEach(file -> buckets.items().remove(file.key()));
        Recount.Result result = count(List.of(newest()));
        assertThat(result.findings()).hasSize(100);
        assertThat(result.found()).isEqualTo(150);
    }

    @Test
    void records_are_counted_whatever_is_in_them() throws Exception {
        for (var file :
                Map.of(
                                "{\"Records\":[]}",
                                0L,
                                "{\"Records\":[{}]}",
                                1L,
                                "{\"Records\":[{\"a\":{\"b\":[{},{}]}},{\"c\":\"}{[\\\"{\\\\\"},{}]}",
                                3L,
                                "{\"Records\":[%s{}]}"
                                        .formatted("{\"a\":\"\\\\\"},".repeat(70_000)),
                                70_001L)
                        .entrySet()) {
            put("file", file.getKey());
            Recount.Written written =
                    new Recount.Written(
                            BUCKET, "file", Hashes.sha256(file.getKey().getBytes(UTF_8)));
            assertThat(Recount.of(buckets, List.of(), List.of(written), QUIET).records())
                    .isEqualTo(file.getValue());
        }
    }

    @Test
    void it_can_be_broken_off() {
        trail.hours(START, 3, 1);
        assertThatIOException()
                .isThrownBy(() ->
                        Recount.of(
                                buckets,
                                List.of(newest()),
                                List.of(),
                                (_, _, _) -> {
                                    throw new IOException("nobody listens");
                                }))
                .withMessage("nobody listens");
    }

    private static final Recount.Progress QUIET = (_, _, _) -> {};

    private Recount.Result count(List<Recount.Written> ends) throws IOException {
        return Recount.of(buckets, ends, List.of(), QUIET);
    }

    private Recount.Written newest() {
        SealedBucket.Digest digest = trail.digests().getLast();
        return new Recount.Written(
                BUCKET, digest.key(), Hashes.sha256(digest.content().getBytes(UTF_8)));
    }

    private static Recount.Written written(SealedBucket.LogFile file) {
        return new Recount.Written(BUCKET, file.key(), file.sha256());
    }

    private void put(String key, String content) {
        buckets.items()
                .put(key, new MapBuckets.Item(Gzip.pack(content.getBytes(UTF_8), 1), Map.of()));
    }
}
