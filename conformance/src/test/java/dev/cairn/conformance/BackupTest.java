package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

/// `cairn backup` beside a server that records and delivers, `cairn restore-backup` after that
/// server is gone, each killed once before it is run to its end.
final class BackupTest {
    private static final Duration MAX = Duration.ofMinutes(2);

    @Tag("long")
    @Test
    void what_was_acknowledged_before_a_backup_is_there_and_delivered_once() throws Exception {
        try (var server =
                LiveServer.start("trail.delivery-interval=1s", "trail.digest-interval=2s")) {
            var place = server.home().resolve("backups");
            var key = Files.writeString(server.home().resolve("backup.key"), "5a".repeat(32));
            var made = server.cairn("trail", "create", "main").exited(0);
            var bucket = made.out().replaceAll("(?s).*s3://([^/]+)/.*", "$1");

            int acknowledged;
            try (var recording = new Recording(server)) {
                recording.more(20);
                recording.await(20);
                awaitDelivered(server, bucket, 20);
                recording.more(20);
                killOnce(
                        server.watch("backup", "--to", place.toString(), "--key", "file:" + key),
                        place.resolve("chunks"));
                recording.await(40);
                acknowledged = recording.acknowledged();
                recording.more(200);
                var backup =
                        Wire.JSON.readTree(
                                server.cairn(
                                                "backup",
                                                "--to",
                                                place.toString(),
                                                "--key",
                                                "file:" + key,
                                                "--json")
                                        .exited(0)
                                        .out());
                assertThat(backup.path("files").asInt()).isGreaterThan(5);
            }
            server.kill();
            Files.move(server.data(), server.home().resolve("lost"));

            var wrong = Files.writeString(server.home().resolve("wrong.key"), "a5".repeat(32));
            var refused =
                    server.cairn("restore-backup", place.toString(), "--key", "file:" + wrong);
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.err()).contains("the key is not the one");
            assertThat(server.data()).doesNotExist();

            killOnce(
                    server.watch("restore-backup", place.toString(), "--key", "file:" + key),
                    server.data().resolve("restoring"));
            if (!Files.exists(server.data().resolve("format"))
                    || Files.exists(server.data().resolve("restoring"))) {
                server.cairn("restore-backup", place.toString(), "--key", "file:" + key).exited(0);
            }
            server.cairn("fsck").exited(0);
            server.restart();

            int expected = acknowledged;
            Await.until(
                    Await.Bound.of("the last event in history", MAX),
                    () -> server.events("eventID:" + id(expected)).size() == 1);
            var delivered = awaitDelivered(server, bucket, expected);
            for (var number = 1; number <= expected; number++) {
                assertThat(delivered).contains(id(number));
            }
            server.cairn("status", "--verify").exited(0);
            server.cairn("verify", "s3://" + bucket, "--since", "1d").exited(0);
        }
    }

    private static String id(int number) {
        return Sample.now(LiveServer.ACCOUNT, number).id();
    }

    /// Kills a command once a file is there; it may have ended before.
    private static void killOnce(Process command, Path file) throws Exception {
        Await.until(
                Await.Bound.of(file.toString(), MAX),
                () -> Files.exists(file) || !command.isAlive());
        command.destroyForcibly().waitFor();
    }

    /// Waits until so many events that the test recorded are in files of the bucket.
    ///
    /// @return the ids of all of them
    private static List<String> awaitDelivered(LiveServer server, String bucket, int count)
            throws Exception {
        try (var client = JavaSdkS3Test.client(server.endpoint()).build()) {
            var ids =
                    Await.value(
                            Await.Bound.of(count + " events in files", MAX),
                            () -> delivered(client, bucket),
                            all -> all.size() >= count);
            assertThat(ids).doesNotHaveDuplicates();
            return ids;
        }
    }

    private static List<String> delivered(S3Client client, String bucket) throws Exception {
        var ids = new ArrayList<String>();
        for (var page : client.listObjectsV2Paginator(ask -> ask.bucket(bucket))) {
            for (var file : page.contents()) {
                if (!file.key().contains("/CloudTrail/") || !file.key().endsWith(".json.gz")) {
                    continue;
                }
                var bytes =
                        client.getObjectAsBytes(ask -> ask.bucket(bucket).key(file.key()))
                                .asByteArray();
                try (var text = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
                    for (var event :
                            Wire.JSON
                                    .readTree(
                                            new String(text.readAllBytes(), StandardCharsets.UTF_8))
                                    .path("Records")) {
                        if (event.path("eventName").asText().equals("SampleEvent")) {
                            ids.add(event.path("eventID").asText());
                        }
                    }
                }
            }
        }
        return ids;
    }

    /// Records one event after another, as many as it is let.
    private static final class Recording implements AutoCloseable {
        private final AtomicInteger acknowledged = new AtomicInteger();
        private final AtomicBoolean enough = new AtomicBoolean();
        private final Semaphore more = new Semaphore(0);
        private final Thread thread;

        Recording(LiveServer server) {
            thread =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (var wire = new Wire(server.endpoint())) {
                                    more.acquire();
                                    while (!enough.get()) {
                                        var next = acknowledged.get() + 1;
                                        wire.intake(
                                                        LiveServer.ROOT,
                                                        Wire.bytes(
                                                                Sample.now(LiveServer.ACCOUNT, next)
                                                                        .json()))
                                                .expect(200);
                                        acknowledged.set(next);
                                        more.acquire();
                                    }
                                } catch (Exception failure) {
                                    throw new IllegalStateException(failure);
                                }
                            });
        }

        void more(int events) {
            more.release(events);
        }

        int acknowledged() {
            return acknowledged.get();
        }

        void await(int count) throws Exception {
            Await.until(Await.Bound.of(count + " events", MAX), () -> acknowledged.get() >= count);
        }

        @Override
        public void close() {
            enough.set(true);
            more.release();
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
