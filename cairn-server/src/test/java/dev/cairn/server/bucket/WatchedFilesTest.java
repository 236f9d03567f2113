package dev.cairn.server.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.account.Caller;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.catalog.Outbox;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.operation.Invocation;
import dev.cairn.server.operation.TestArchive;
import dev.cairn.server.operation.TestParts;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.server.own.OwnRecord;
import dev.cairn.watch.WatchSet;
import dev.cairn.watch.Watches;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the ready-made watches make of what is done to log files and their buckets, as it is
/// recorded.
class WatchedFilesTest {
    private static final InstantSource CLOCK = InstantSource.fixed(TestParts.NOW);
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIAROOT");
    private static final String READ = "log-files-read";
    private static final String CHANGED = "log-files-changed";
    private static final String BUCKET = "log-bucket-changed";

    @TempDir private Path folder;

    @Test
    void each_way_to_read_or_change_log_files_is_taken() throws Exception {
        var parts = new TestParts(folder);
        var enable =
                parts.operations
                        .signedAs("cairn")
                        .orElseThrow()
                        .operation("EnableWatchSet")
                        .orElseThrow();
        parts.run(
                enable.operation(),
                new Invocation(
                        ROOT,
                        "us-east-1",
                        json("{'set':'trail-attacks','topic':'security','makeTopic':true}"),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW));
        var watches = WatchSet.of(new Watches(parts.catalog).list(TestParts.ACCOUNT, "", 100));
        var buckets = new BucketRegister(parts.catalog);
        for (var name : new String[] {"logs", "mine"}) {
            parts.catalog.<Boolean, dev.cairn.catalog.CatalogException>write(tx -> {
                buckets.create(
                        tx,
                        new Bucket(name, TestParts.ACCOUNT, "us-east-1", TestParts.NOW, null, ""));
                return true;
            });
        }
        try (var archive = TestArchive.open(buckets, () -> TestParts.NOW, Optional.empty())) {
            var operations = new S3Operations(new Access("000000000001"), buckets, archive);
            var records =
                    new S3Records(
                            operations,
                            new OwnCalls(
                                    parts.ledger,
                                    new Outbox(parts.catalog, parts.ledger),
                                    parts.accounts,
                                    parts.secrets,
                                    CLOCK,
                                    "us-east-1"),
                            CLOCK);
            for (var one :
                    new String[][] {
                        {"GetObject", "'Key':'AWSLogs/1/a.gz'", READ},
                        {"CopyObject", "'Key':'a','CopySource':'logs/AWSLogs/1/a.gz'", READ},
                        {"CopyObject", "'Key':'a','CopySource':'logs/%41WSLogs/1/a.gz'", READ},
                        {"UploadPartCopy", "'Key':'a','CopySource':'logs/AWSLogs/1/a.gz'", READ},
                        {"DeleteObject", "'Key':'AWSLogs/1/a.gz'", CHANGED},
                        {
                            "DeleteObjects",
                            "'Delete':{'Objects':[{'Key':'AWSLogs/1/a.gz'}]}",
                            CHANGED
                        },
                        {"PutObject", "'Key':'AWSLogs/1/a.gz'", CHANGED},
                        {"PutObjectRetention", "'Key':'AWSLogs/1/a.gz'", CHANGED},
                        {"PutObjectLegalHold", "'Key':'AWSLogs/1/a.gz'", CHANGED},
                        {"PutObjectAcl", "'Key':'AWSLogs/1/a.gz'", CHANGED},
                        {"RestoreObject", "'Key':'AWSLogs/1/a.gz'", CHANGED},
                        {"CompleteMultipartUpload", "'Key':'AWSLogs/1/a.gz'", CHANGED},
                        {"CopyObject", "'Key':'AWSLogs/1/a.gz','CopySource':'mine/a'", CHANGED},
                        {"PutBucketPolicy", "'Policy':'x'", BUCKET},
                        {"DeleteBucketPolicy", "'A':''", BUCKET},
                        {"DeleteBucket", "'A':''", BUCKET},
                        {"PutBucketAcl", "'ACL':'public-read'", BUCKET},
                        {"PutBucketVersioning", "'A':''", BUCKET},
                        {"PutBucketLifecycleConfiguration", "'A':''", BUCKET},
                        {"PutBucketReplication", "'A':''", BUCKET},
                        {"PutObjectLockConfiguration", "'A':''", BUCKET},
                        {"PutPublicAccessBlock", "'A':''", BUCKET},
                        {"DeletePublicAccessBlock", "'A':''", BUCKET},
                        {"PutBucketOwnershipControls", "'A':''", BUCKET},
                        {"GetObject", "'Key':'a'", ""},
                        {"CopyObject", "'Key':'a','CopySource':'mine/b'", ""},
                        {"PutObject", "'Key':'a'", ""},
                        {"CompleteMultipartUpload", "'Key':'a'", ""},
                    }) {
                var call = call(json("{'Bucket':'logs'," + one[1] + "}"));
                var record =
                        records.of(
                                one[0],
                                call,
                                buckets.find("logs").orElseThrow(),
                                operations.copied(call),
                                !one[2].equals(BUCKET),
                                OwnRecord.Outcome.SUCCESS,
                                "request-1");
                var names =
                        watches.judge(record.entry()).taking().stream()
                                .map(watch -> watch.name().name())
                                .toList();
                if (one[2].isEmpty()) {
                    assertThat(names).as(one[0] + ' ' + one[1]).isEmpty();
                } else {
                    assertThat(names).as(one[0] + ' ' + one[1]).contains(one[2]);
                }
            }
        }
        parts.ledger.close();
    }

    private static ObjectNode json(String text) throws Exception {
        return (ObjectNode) new ObjectMapper().readTree(text.replace('\'', '"'));
    }

    private static S3Call call(ObjectNode input) {
        return new S3Call(
                ROOT,
                "us-east-1",
                input,
                new Exchange(
                        new Request("POST", "/", "", Headers.of("Host", "cairn.example")),
                        InputStream.nullInputStream(),
                        0,
                        "203.0.113.9",
                        null),
                new Context(TestParts.NOW, "us-east-1", "203.0.113.9", false),
                S3Call.Body.NONE);
    }
}
