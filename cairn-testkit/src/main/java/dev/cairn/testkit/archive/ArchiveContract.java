package dev.cairn.testkit.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.Archive;
import dev.cairn.archive.Archive.Description;
import dev.cairn.archive.Archive.Listed;
import dev.cairn.archive.Archive.Put;
import dev.cairn.archive.Archive.Writer;
import dev.cairn.archive.ArchiveException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every [Archive] does. An implementation's test extends this.
public abstract class ArchiveContract {
    /// Who writes in these tests; the bucket lets this trail in.
    protected static final Writer TRAIL =
            new Writer("123456789012", "arn:aws:cloudtrail:us-east-1:123456789012:trail/main");

    /// A trail that the bucket does not let in.
    protected static final Writer STRANGER =
            new Writer("210987654321", "arn:aws:cloudtrail:us-east-1:210987654321:trail/other");

    /// A bucket that is there, empty, and lets [#TRAIL] put anything.
    protected static final String BUCKET = "logs";

    private static final Description PLAIN = new Description("text/plain", "", Map.of());

    /// The policy that [#BUCKET] has.
    public static final String LOGS_POLICY =
            """
            {"Version":"2012-10-17","Statement":[
             {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
              "Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::logs"},
             {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
              "Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/*",
              "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control",
                "aws:SourceArn":"arn:aws:cloudtrail:us-east-1:123456789012:trail/main"}}}]}\
            """;

    /// An archive with an empty [#BUCKET]; the suite closes it.
    protected abstract Archive newArchive() throws Exception;

    /// A bucket that is there and locks what is put into it.
    protected static final String VAULT = "vault";

    /// The policy that [#VAULT] has.
    public static final String VAULT_POLICY = LOGS_POLICY.replace(":::logs", ":::vault");

    /// An archive with a [#VAULT]; the suite closes it.
    protected abstract Archive newArchiveWithVault() throws Exception;

    @ParameterizedTest
    @ValueSource(ints = {0, 5, (16 << 20) + 1})
    void content_of_any_length_is_put_once_and_all_of_it(int length) throws Exception {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        var type = new Description("text/plain", "gzip", Map.of("name", "value"));
        try (Archive archive = newArchive()) {
            var first = new ByteArrayInputStream(content);
            assertThat(archive.putIfAbsent(TRAIL, BUCKET, "k", length, first, type))
                    .isEqualTo(Put.STORED);
            var second = new ByteArrayInputStream(new byte[length]);
            assertThat(archive.putIfAbsent(TRAIL, BUCKET, "k", length, second, type))
                    .isEqualTo(Put.TAKEN);
            try (var got = archive.get(BUCKET, "k").orElseThrow()) {
                assertThat(got.length()).isEqualTo(length);
                assertThat(got.description()).isEqualTo(type);
                assertThat(Arrays.equals(got.bytes().readAllBytes(), content)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, (16 << 20) + 7})
    void content_that_ends_early_is_not_there(int length) throws Exception {
        try (Archive archive = newArchive()) {
            var content = new ByteArrayInputStream(new byte[length - 1]);
            assertThatThrownBy(
                            () -> {
                                var _ =
                                        archive.putIfAbsent(
                                                TRAIL, BUCKET, "k", length, content, PLAIN);
                            })
                    .isInstanceOf(EOFException.class);
            assertThat(archive.get(BUCKET, "k")).isEmpty();
            var whole = new ByteArrayInputStream(new byte[length]);
            assertThat(archive.putIfAbsent(TRAIL, BUCKET, "k", length, whole, PLAIN))
                    .isEqualTo(Put.STORED);
        }
    }

    /// Deletes a key of [#VAULT] as an owner may: without a word on versions.
    protected abstract void deleteInVault(Archive archive, String key) throws Exception;

    @Test
    void a_bucket_that_locks_takes_each_key_once_and_holds_what_it_was_given() throws Exception {
        try (Archive archive = newArchiveWithVault()) {
            String key = "k";
            assertThat(archive.missingRight(TRAIL, VAULT, "AWSLogs/")).isEmpty();
            assertThat(archive.putIfAbsent(TRAIL, VAULT, key, bytes("first"), PLAIN))
                    .isEqualTo(Put.STORED);
            assertThat(archive.putIfAbsent(TRAIL, VAULT, key, bytes("second"), PLAIN))
                    .isEqualTo(Put.TAKEN);
            try (var content = archive.get(VAULT, key).orElseThrow()) {
                assertThat(content.bytes().readAllBytes()).isEqualTo(bytes("first"));
            }
            assertThat(archive.list(VAULT, key, "", 10).objects())
                    .extracting(Listed::key)
                    .containsExactly(key);

            // Behind a delete marker the key is free, and what was there is not seen.
            deleteInVault(archive, key);
            assertThat(archive.get(VAULT, key)).isEmpty();
            assertThat(archive.list(VAULT, key, "", 10).objects()).isEmpty();
            assertThat(archive.putIfAbsent(TRAIL, VAULT, key, bytes("again"), PLAIN))
                    .isEqualTo(Put.STORED);
            try (var content = archive.get(VAULT, key).orElseThrow()) {
                assertThat(content.bytes().readAllBytes()).isEqualTo(bytes("again"));
            }
        }
    }

    @Test
    void what_is_put_is_read_back_with_what_is_told_of_it() throws Exception {
        var told =
                new Description(
                        "application/json",
                        "gzip",
                        Map.of("signature", "0123abcd", "signature-algorithm", "SHA256withRSA"));
        try (Archive archive = newArchive()) {
            assertThat(archive.putIfAbsent(TRAIL, BUCKET, "a/b.json.gz", bytes("one"), told))
                    .isEqualTo(Put.STORED);
            try (var content = archive.get(BUCKET, "a/b.json.gz").orElseThrow()) {
                assertThat(content.bytes().readAllBytes()).isEqualTo(bytes("one"));
                assertThat(content.length()).isEqualTo(3);
                assertThat(content.description()).isEqualTo(told);
            }
            assertThat(archive.get(BUCKET, "a/b.json")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_003})
    void an_object_of_any_size_comes_back_byte_for_byte(int size) throws Exception {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        try (Archive archive = newArchive()) {
            archive.putIfAbsent(TRAIL, BUCKET, "k", content, PLAIN);
            try (var read = archive.get(BUCKET, "k").orElseThrow()) {
                assertThat(read.length()).isEqualTo(size);
                assertThat(read.bytes().readAllBytes()).isEqualTo(content);
            }
        }
    }

    @Test
    void a_key_that_is_taken_keeps_its_object() throws Exception {
        try (Archive archive = newArchive()) {
            archive.putIfAbsent(TRAIL, BUCKET, "k", bytes("first"), PLAIN);
            assertThat(archive.putIfAbsent(TRAIL, BUCKET, "k", bytes("second"), PLAIN))
                    .isEqualTo(Put.TAKEN);
            assertThat(text(archive, "k")).isEqualTo("first");
        }
    }

    @Test
    void of_a_hundred_at_once_one_puts() throws Exception {
        try (Archive archive = newArchive();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var puts = new ArrayList<Callable<Put>>();
            for (int i = 0; i < 100; i++) {
                byte[] mine = bytes("writer " + i);
                puts.add(() -> archive.putIfAbsent(TRAIL, BUCKET, "k", mine, PLAIN));
            }
            int winner = -1;
            List<Future<Put>> done = threads.invokeAll(puts);
            for (int i = 0; i < done.size(); i++) {
                if (done.get(i).get() == Put.STORED) {
                    assertThat(winner).as("one that was stored before").isEqualTo(-1);
                    winner = i;
                }
            }
            assertThat(text(archive, "k")).isEqualTo("writer " + winner);
        }
    }

    @Test
    void keys_are_listed_in_the_order_of_their_bytes_page_by_page() throws Exception {
        var keys =
                List.of(
                        "a",
                        "a b",
                        "a-b",
                        "a/",
                        "a//c",
                        "a/b",
                        "a/b/c",
                        "aa",
                        "b",
                        "é",
                        "\uD83D\uDE00");
        try (Archive archive = newArchive()) {
            for (String key : keys.reversed()) {
                archive.putIfAbsent(TRAIL, BUCKET, key, bytes(key), PLAIN);
            }
            var all = new ArrayList<String>();
            String after = "";
            boolean more = true;
            while (more) {
                var page = archive.list(BUCKET, "", after, 2);
                page.objects().stream().map(Listed::key).forEach(all::add);
                more = page.more();
                after = all.getLast();
            }
            assertThat(all).isEqualTo(keys);
            assertThat(archive.list(BUCKET, "a/", "a//c", 1000).objects())
                    .extracting(Listed::key)
                    .containsExactly("a/b", "a/b/c");
            assertThat(archive.list(BUCKET, "x", "", 1000))
                    .isEqualTo(new Archive.Page(List.of(), false));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/21/a_b.json.gz",
                "with space",
                "plus+percent%20",
                "a//b",
                "/at the start",
                "at the end/",
                "dots/../and/./more",
                "&?=#:;,@!$'()*~[]{}|^`\"<>\\",
                "é\uD83D\uDE00"
            })
    void any_key_is_taken_as_it_is(String key) throws Exception {
        try (Archive archive = newArchive()) {
            archive.putIfAbsent(TRAIL, BUCKET, key, bytes("x"), PLAIN);
            assertThat(text(archive, key)).isEqualTo("x");
            assertThat(archive.putIfAbsent(TRAIL, BUCKET, key, bytes("y"), PLAIN))
                    .isEqualTo(Put.TAKEN);
            assertThat(archive.list(BUCKET, key, "", 10).objects())
                    .extracting(Listed::key)
                    .containsExactly(key);
        }
    }

    @Test
    void what_is_listed_says_how_long_it_is_and_pages_end_where_they_say() throws Exception {
        try (Archive archive = newArchive()) {
            archive.putIfAbsent(TRAIL, BUCKET, "k1", bytes("one"), PLAIN);
            archive.putIfAbsent(TRAIL, BUCKET, "k2", bytes("three"), PLAIN);
            var page = archive.list(BUCKET, "k", "", 1);
            assertThat(page.more()).isTrue();
            assertThat(page.objects()).extracting(Listed::length).containsExactly(3L);
            var last = archive.list(BUCKET, "k", "k1", 1);
            assertThat(last.more()).isFalse();
            assertThat(last.objects()).extracting(Listed::length).containsExactly(5L);
            assertThat(archive.list(BUCKET, "k", "k2", 1).objects()).isEmpty();
        }
    }

    @Test
    void a_trail_that_the_policy_does_not_let_in_is_denied_and_told_what_is_missing()
            throws Exception {
        try (Archive archive = newArchive()) {
            assertThat(archive.missingRight(TRAIL, BUCKET, "AWSLogs/123456789012/")).isEmpty();
            assertThat(archive.missingRight(STRANGER, BUCKET, "AWSLogs/210987654321/"))
                    .hasValueSatisfying(words ->
                            assertThat(words)
                                    .contains("AWSCloudTrail")
                                    .contains(STRANGER.trailArn()));
            fails(
                    ArchiveException.Kind.DENIED,
                    () -> archive.putIfAbsent(STRANGER, BUCKET, "k", bytes("x"), PLAIN));
            assertThat(archive.get(BUCKET, "k")).isEmpty();
            assertThat(archive.list(BUCKET, "", "", 10).objects()).isEmpty();
        }
    }

    @Test
    void a_bucket_that_is_not_there_is_named_so() throws Exception {
        try (Archive archive = newArchive()) {
            fails(
                    ArchiveException.Kind.NO_SUCH_BUCKET,
                    () -> archive.putIfAbsent(TRAIL, "nowhere", "k", bytes("x"), PLAIN));
            fails(ArchiveException.Kind.NO_SUCH_BUCKET, () -> archive.get("nowhere", "k"));
            fails(ArchiveException.Kind.NO_SUCH_BUCKET, () -> archive.list("nowhere", "", "", 10));
            fails(
                    ArchiveException.Kind.NO_SUCH_BUCKET,
                    () -> archive.missingRight(TRAIL, "nowhere", "AWSLogs/"));
        }
    }

    /// @param kind what the archive says
    protected static void fails(ArchiveException.Kind kind, Callable<?> call) {
        assertThatThrownBy(call::call)
                .isInstanceOfSatisfying(
                        ArchiveException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    protected static String text(Archive archive, String key) throws Exception {
        try (var content = archive.get(BUCKET, key).orElseThrow()) {
            return new String(content.bytes().readAllBytes(), UTF_8);
        }
    }

    protected static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
