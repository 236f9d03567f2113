package dev.cairn.testkit.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// Fills a bucket with log files and digests in CloudTrail's form, from a few lines of its own that
/// share nothing with what Cairn delivers with.
public final class SealedBucket {
    private static final DateTimeFormatter DAY = form("uuuu/MM/dd");
    private static final DateTimeFormatter MINUTE = form("uuuuMMdd'T'HHmm'Z'");
    private static final DateTimeFormatter SECOND = form("uuuuMMdd'T'HHmmss'Z'");

    private final MapBuckets buckets;
    private final String bucket;
    private final RandomGenerator random;

    /// @param buckets filled by this
    public SealedBucket(MapBuckets buckets, String bucket, RandomGenerator random) {
        this.buckets = buckets;
        this.bucket = bucket;
        this.random = random;
    }

    private static DateTimeFormatter form(String pattern) {
        return DateTimeFormatter.ofPattern(pattern).withZone(ZoneOffset.UTC);
    }

    /// One trail's deliveries in one account and region.
    public Trail trail(String prefix, String account, String region, String name, DigestKeys keys) {
        return new Trail(prefix + "AWSLogs/" + account + "/", account, region, name, keys);
    }

    /// A log file that was delivered.
    ///
    /// @param sha256 of its content, hex
    public record LogFile(String key, String sha256) {}

    /// A digest that was delivered.
    public record Digest(
            String key, Instant start, Instant end, String content, String signature) {}

    /// Delivers for one trail, a window after the other.
    public final class Trail {
        private final String base;
        private final String account;
        private final String region;
        private final String name;
        private final DigestKeys keys;
        private final List<Digest> digests = new ArrayList<>();
        private final List<LogFile> files = new ArrayList<>();
        private @Nullable Digest previous;

        private Trail(String base, String account, String region, String name, DigestKeys keys) {
            this.base = base;
            this.account = account;
            this.region = region;
            this.name = name;
            this.keys = keys;
        }

        /// Delivers a log file that no digest names yet.
        public LogFile file(Instant delivered) {
            String content =
                    "{\"Records\":[{\"eventID\":\"%016x%016x\"}]}"
                            .formatted(random.nextLong(), random.nextLong());
            String key =
                    base
                            + "CloudTrail/%s/%s/%s_CloudTrail_%s_%s_%016X.json.gz"
                                    .formatted(
                                            region,
                                            DAY.format(delivered),
                                            account,
                                            region,
                                            MINUTE.format(delivered),
                                            random.nextLong());
            buckets.items().put(key, new MapBuckets.Item(gzip(content.getBytes(UTF_8)), Map.of()));
            LogFile file = new LogFile(key, sha256(content.getBytes(UTF_8)));
            files.add(file);
            return file;
        }

        /// Delivers a window's files and then its digest.
        public Digest window(Instant start, Duration length, int count) {
            List<LogFile> sealed = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sealed.add(file(start.plus(length.multipliedBy(i).dividedBy(Math.max(1, count)))));
            }
            return seal(start, start.plus(length), sealed, false);
        }

        /// Delivers windows of an hour each.
        public Trail hours(Instant start, int hours, int filesEach) {
            for (int i = 0; i < hours; i++) {
                window(start.plus(Duration.ofHours(i)), Duration.ofHours(1), filesEach);
            }
            return this;
        }

        /// The next digest starts a chain again, as after logging was off.
        public Trail restart() {
            previous = null;
            return this;
        }

        /// Delivers a digest for files that have none.
        public Digest seal(Instant start, Instant end, List<LogFile> sealed, boolean backfill) {
            Digest before = previous;
            String key =
                    base
                            + "CloudTrail-Digest/%s/%s/%s_CloudTrail-Digest_%s_%s_us-east-1_%s%s.json.gz"
                                    .formatted(
                                            region,
                                            DAY.format(end),
                                            account,
                                            region,
                                            name,
                                            SECOND.format(end),
                                            backfill ? "_backfill" : "");
            String json =
                    """
                    {"awsAccountId":"%s","digestStartTime":"%s","digestEndTime":"%s","digestS3Bucket":"%s",\
                    "digestS3Object":"%s","digestPublicKeyFingerprint":"%s","digestSignatureAlgorithm":"SHA256withRSA",\
                    "newestEventTime":null,"oldestEventTime":null,"previousDigestS3Bucket":%s,\
                    "previousDigestS3Object":%s,"previousDigestHashValue":%s,"previousDigestHashAlgorithm":%s,\
                    "previousDigestSignature":%s,"logFiles":[%s]}\
                    """
                            .formatted(
                                    account,
                                    start,
                                    end,
                                    bucket,
                                    key,
                                    keys.fingerprint(),
                                    text(before == null ? null : bucket),
                                    text(before == null ? null : before.key()),
                                    text(
                                            before == null
                                                    ? null
                                                    : sha256(before.content().getBytes(UTF_8))),
                                    text(before == null ? null : "SHA-256"),
                                    text(before == null ? null : before.signature()),
                                    sealed.stream()
                                            .map(file ->
                                                    "{\"s3Bucket\":\"%s\",\"s3Object\":\"%s\",\"hashValue\":\"%s\",\"hashAlgorithm\":\"SHA-256\",\"newestEventTime\":\"%s\",\"oldestEventTime\":\"%s\"}"
                                                            .formatted(
                                                                    bucket,
                                                                    file.key(),
                                                                    file.sha256(),
                                                                    start,
                                                                    start))
                                            .collect(Collectors.joining(",")));
            byte[] content = json.getBytes(UTF_8);
            String signature =
                    keys.sign(
                            end
                                    + "\n"
                                    + bucket
                                    + "/"
                                    + key
                                    + "\n"
                                    + sha256(content)
                                    + "\n"
                                    + (before == null ? "null" : before.signature()));
            Digest digest = new Digest(key, start, end, json, signature);
            buckets.items()
                    .put(
                            key,
                            new MapBuckets.Item(gzip(content), metadata(signature, end, backfill)));
            digests.add(digest);
            previous = digest;
            return digest;
        }

        public List<Digest> digests() {
            return digests;
        }

        public List<LogFile> files() {
            return files;
        }
    }

    /// As AWS's, which says of a backfill digest when it was made.
    private static Map<String, String> metadata(String signature, Instant end, boolean backfill) {
        Map<String, String> metadata = new HashMap<>();
        metadata.put("signature", signature);
        metadata.put("signature-algorithm", "SHA256withRSA");
        if (backfill) {
            metadata.put("backfill-generation-timestamp", end.plusSeconds(86_400).toString());
        }
        return metadata;
    }

    private static String text(@Nullable String text) {
        return text == null ? "null" : '"' + text + '"';
    }

    /// Packs bytes.
    public static byte[] gzip(byte[] content) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(content);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        return packed.toByteArray();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
