package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.testkit.archive.Radosgw;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/// Log files that lie in buckets are imported as those in folders are.
final class BucketImportTest {
    private static final String ACCOUNT = "123837392027";
    private static final String FOLDER = "AWSLogs/" + ACCOUNT + "/";
    private static final String LOG =
            FOLDER + "CloudTrail/us-east-1/2026/11/21/%s_CloudTrail_us-east-1_%s.json";

    @Test
    void bucketOfCairnsOwnIsImportedOnceHoweverOften() throws Exception {
        try (var server = LiveServer.start()) {
            fill(server.endpoint());
            var first = server.cairn("import", "s3://logs/AWSLogs/").exited(0);
            assertThat(first.out())
                    .contains("2 files: 3 events recorded, 0 seen before, 0 refused")
                    .contains(ACCOUNT)
                    .contains("passed over  s3://logs/" + FOLDER + "notes.txt")
                    .contains("passed over  s3://logs/" + FOLDER + "CloudTrail-Digest/");
            var again = server.cairn("import", "s3://logs").exited(1);
            assertThat(again.out())
                    .contains("3 files: 0 events recorded, 3 seen before, 1 refused")
                    .contains("refused  s3://logs/broken.json.gz: ");
            var one = LOG.formatted(ACCOUNT, "20261121T0805Z_b");
            assertThat(server.cairn("import", "s3://logs/" + one).exited(0).out())
                    .contains("1 files: 0 events recorded, 2 seen before, 0 refused");
        }
    }

    @Test
    void whatIsNotThereIsNamed() throws Exception {
        try (var server = LiveServer.start()) {
            assertThat(server.cairn("import", "s3://nowhere/").exited(1).err())
                    .contains("s3://nowhere/ cannot be listed: NoSuchBucket")
                    .contains("--s3-endpoint");
            fill(server.endpoint());
            assertThat(server.cairn("import", "s3://logs/none/").exited(2).err())
                    .contains("no log files found in [s3://logs/none/]");
        }
    }

    @Test
    void bucketOfAnotherStoreIsImported() throws Exception {
        var root = LiveServer.ROOT;
        try (var radosgw = Radosgw.assume(root.accessKeyId(), root.secretAccessKey());
                var server = LiveServer.start()) {
            fill(radosgw.endpoint());
            var done =
                    server.cairnAs(
                                    root,
                                    "import",
                                    "--s3-endpoint",
                                    radosgw.endpoint().toString(),
                                    "s3://logs/AWSLogs/")
                            .exited(0);
            assertThat(done.out()).contains("2 files: 3 events recorded, 0 seen before, 0 refused");
        }
    }

    /// Three events in two log files, a digest, and what is none.
    private static void fill(URI endpoint) {
        try (var s3 =
                JavaSdk.root(endpoint, S3Client.builder())
                        // The least that every S3 understands.
                        .serviceConfiguration(form ->
                                form.pathStyleAccessEnabled(true).chunkedEncodingEnabled(false))
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .build()) {
            s3.createBucket(bucket -> bucket.bucket("logs"));
            put(s3, LOG.formatted(ACCOUNT, "20261121T0800Z_a"), events(1));
            put(s3, LOG.formatted(ACCOUNT, "20261121T0805Z_b"), events(2, 3));
            put(s3, FOLDER, new byte[0]);
            put(s3, FOLDER + "notes.txt", new byte[1]);
            put(
                    s3,
                    FOLDER + "CloudTrail-Digest/" + ACCOUNT + "_CloudTrail-Digest_x.json.gz",
                    new byte[1]);
            put(s3, "broken.json.gz", new byte[] {0x1f, (byte) 0x8b, 8});
        }
    }

    private static void put(S3Client s3, String key, byte[] content) {
        s3.putObject(object -> object.bucket("logs").key(key), RequestBody.fromBytes(content));
    }

    private static byte[] events(int... numbers) {
        var samples = new java.util.ArrayList<Sample>();
        for (var number : numbers) {
            samples.add(Sample.now(ACCOUNT, number));
        }
        return Sample.batch(List.copyOf(samples));
    }
}
