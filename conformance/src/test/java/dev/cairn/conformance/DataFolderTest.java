package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;

/// What may befall a data folder: taken twice, of another version, full, tampered with.
final class DataFolderTest {
    private static final Duration FOUND_MAX = Duration.ofSeconds(20);

    private static Command serve(Path home, Path data, String... more) throws Exception {
        var words =
                new java.util.ArrayList<>(
                        List.of("serve", "--port", "0", "--data", data.toString()));
        words.addAll(List.of(more));
        return Command.run(home, Map.of(), Command.cairn(words.toArray(String[]::new)));
    }

    @Test
    void secondServerOnAFolderIsRefusedAndTheFirstGoesOn() throws Exception {
        try (var server = LiveServer.start();
                var wire = new Wire(server.endpoint())) {
            var second = serve(server.home(), server.data());
            assertThat(second.exit()).isEqualTo(1);
            assertThat(second.out()).isEmpty();
            assertThat(second.err()).contains(server.data().toString(), "" + server.pid());
            wire.intake(LiveServer.ROOT, Wire.bytes(Sample.now(LiveServer.ACCOUNT, 1).json()))
                    .expect(200);
        }
    }

    @Test
    void folderOfAnotherVersionIsRefusedUntouched() throws Exception {
        try (var server = LiveServer.start()) {
            server.stop();
            var format = server.data().resolve("format");
            Files.writeString(format, "cairn data 99\n");
            var refused = serve(server.home(), server.data());
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.err()).contains("99");
            assertThat(format).hasContent("cairn data 99\n");
            Files.writeString(format, "cairn data 1\n");
            server.restart();
            server.stop();
        }
    }

    @Test
    void foreignFolderIsRefusedUntouched() throws Exception {
        try (var server = LiveServer.start()) {
            var foreign = Files.createDirectory(server.home().resolve("foreign"));
            Files.writeString(foreign.resolve("thesis.txt"), "precious");
            var refused = serve(server.home(), foreign);
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.err()).contains("thesis.txt");
            assertThat(foreign.resolve("thesis.txt")).hasContent("precious");
        }
    }

    @Test
    void fullDiskPushesBackWhileReadingGoesOnAndRecovers() throws Exception {
        try (var server = LiveServer.start()) {
            var before = Sample.now(LiveServer.ACCOUNT, 1);
            try (var wire = new Wire(server.endpoint())) {
                wire.intake(LiveServer.ROOT, Wire.bytes(before.json())).expect(200);
            }
            server.stop();
            // More than any disk has free: to the ledger, this disk is full.
            server.restart("ledger.disk-free-min=1000000GB");
            try (var wire = new Wire(server.endpoint())) {
                var after = Sample.now(LiveServer.ACCOUNT, 2);
                var refused = wire.intake(LiveServer.ROOT, Wire.bytes(after.json())).expect(503);
                assertThat(Integer.parseInt(refused.header("retry-after"))).isPositive();
                assertThat(refused.json().path("message").asText()).contains("nothing was taken");
                var change =
                        wire.signed(
                                        LiveServer.ROOT,
                                        "cairn",
                                        wire.request("POST", "/cairn/v1/accounts", ""),
                                        Wire.bytes("{\"accountId\":\"222222222222\"}"))
                                .expect(503);
                assertThat(Integer.parseInt(change.header("retry-after"))).isPositive();
                // What reads goes on, and says what is wrong.
                assertThat(wire.search(LiveServer.ROOT, "eventID:" + before.id())).hasSize(1);
                var accounts = wire.get(LiveServer.ROOT, "/cairn/v1/accounts").expect(200);
                assertThat(accounts.body()).doesNotContain("222222222222");
                assertThat(wire.send(wire.request("GET", "/health", ""), new byte[0]).status())
                        .isEqualTo(503);
                assertThat(server.cairn("status").exited(1).out()).contains("PUSHING BACK");
            }
            server.stop();
            server.restart("ledger.disk-free-min=0");
            try (var wire = new Wire(server.endpoint())) {
                var after = Sample.now(LiveServer.ACCOUNT, 2);
                wire.intake(LiveServer.ROOT, Wire.bytes(after.json())).expect(200);
                server.cairn("status", "--verify").exited(0);
            }
        }
    }

    @Tag("long")
    @Test
    void eventTakenOutOfTheIndexByHandMakesTheSumUneven() throws Exception {
        try (var server = LiveServer.start()) {
            var sample = Sample.now(LiveServer.ACCOUNT, 3);
            try (var wire = new Wire(server.endpoint())) {
                wire.intake(LiveServer.ROOT, Wire.bytes(sample.json())).expect(200);
                Await.until(
                        Await.Bound.of("the event in history", FOUND_MAX),
                        () -> wire.search(LiveServer.ROOT, "eventID:" + sample.id()).size() == 1);
            }
            server.cairn("status").exited(0);
            server.stop();
            removeOne(server.data().resolve("history"));
            server.restart();
            var status = server.cairn("status");
            assertThat(status.exit()).isEqualTo(1);
            assertThat(status.out()).contains("NOT EVEN");
            try (var wire = new Wire(server.endpoint())) {
                assertThat(wire.send(wire.request("GET", "/health", ""), new byte[0]).status())
                        .isEqualTo(503);
            }
            // The ledger still has it: history is made again.
            server.stop();
            server.cairn("rebuild").exited(0);
            server.restart();
            server.cairn("status").exited(0);
            try (var wire = new Wire(server.endpoint())) {
                assertThat(wire.search(LiveServer.ROOT, "eventID:" + sample.id())).hasSize(1);
            }
        }
    }

    @Tag("long")
    @Test
    void lostIndexOfTheArchiveIsMadeAgainFromItsObjects() throws Exception {
        try (var server = LiveServer.start()) {
            try (var s3 = JavaSdkS3Test.client(server.endpoint()).build()) {
                s3.createBucket(ask -> ask.bucket("kept"));
                s3.putObject(
                        ask -> ask.bucket("kept").key("a/b").contentType("text/x"),
                        RequestBody.fromString("precious"));
            }
            server.cairn("rebuild", "--archive").exited(1); // The folder is in use.
            server.stop();
            assertThat(server.cairn("rebuild", "--archive").exited(0).out())
                    .contains("nothing was done");
            var index = server.data().resolve("archive/index.db");
            Files.delete(index);
            // Left over from the lost one, and none of the new one's.
            Files.writeString(server.data().resolve("archive/index.db-wal"), "another's log");

            assertThat(serve(server.home(), server.data()).err())
                    .contains("cairn rebuild --archive");
            assertThat(server.cairn("rebuild", "--archive").exited(0).out())
                    .contains("index of the archive rebuilt: 1 objects, from 1 files");

            server.restart();
            try (var s3 = JavaSdkS3Test.client(server.endpoint()).build()) {
                var answer = s3.getObjectAsBytes(ask -> ask.bucket("kept").key("a/b"));
                assertThat(answer.asUtf8String()).isEqualTo("precious");
                assertThat(answer.response().contentType()).isEqualTo("text/x");
            }
            server.stop();
            Files.writeString(index, "no database, but long enough to be one\n".repeat(200));
            assertThat(server.cairn("rebuild", "--archive").exited(1).err())
                    .contains("move it away");
        }
    }

    /// Deletes one document with Lucene's own tools, leaving everything else as it is.
    private static void removeOne(Path history) throws Exception {
        for (var index : indexes(history)) {
            try (var directory = FSDirectory.open(index)) {
                Map<String, String> userData =
                        SegmentInfos.readLatestCommit(directory).getUserData();
                var configuration = new IndexWriterConfig().setMergePolicy(NoMergePolicy.INSTANCE);
                try (var reader = DirectoryReader.open(directory)) {
                    var sort = reader.leaves().getFirst().reader().getMetaData().sort();
                    if (sort != null) {
                        configuration.setIndexSort(sort);
                    }
                }
                try (var writer = new IndexWriter(directory, configuration);
                        var reader = DirectoryReader.open(writer)) {
                    if (writer.tryDeleteDocument(reader, 0) < 0) {
                        throw new AssertionError("expected to delete a document of " + index);
                    }
                    writer.setLiveCommitData(userData.entrySet());
                    writer.commit();
                    return;
                }
            }
        }
        throw new AssertionError("expected an index in " + history);
    }

    private static List<Path> indexes(Path history) throws Exception {
        try (var files = Files.walk(history)) {
            return files.filter(file -> file.getFileName().toString().startsWith("segments_"))
                    .map(Path::getParent)
                    .distinct()
                    .toList();
        }
    }
}
