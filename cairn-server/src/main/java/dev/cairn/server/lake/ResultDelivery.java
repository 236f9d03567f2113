package dev.cairn.server.lake;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.catalog.CatalogException;
import dev.cairn.digest.Digest;
import dev.cairn.digest.Gzip;
import dev.cairn.digest.Hashes;
import dev.cairn.digest.RegionKeys;
import dev.cairn.server.operation.Queries.Delivery;
import dev.cairn.server.operation.Queries.DeliveryStatus;
import dev.cairn.server.operation.Queries.Query;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts the results of queries into buckets: as gzip CSV, and last a file that signs them.
///
/// ```
/// [PREFIX/]AWSLogs/123456789012/CloudTrail-Lake/Query/2026/11/22/1a2b3c4d-…/result_1.csv.gz
/// [PREFIX/]AWSLogs/123456789012/CloudTrail-Lake/Query/2026/11/22/1a2b3c4d-…/result_sign.json
/// ```
///
/// The day is that of the query's start. The same result gives the same bytes, so that a delivery
/// that was interrupted is done again from its beginning.
///
/// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-results-file-validation-sign-file-structure.html
final class ResultDelivery {
    private static final Logger LOG = LoggerFactory.getLogger(ResultDelivery.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy/MM/dd").withZone(ZoneOffset.UTC);

    /// A file is closed once it has so many packed bytes: it is in memory until then.
    static final int FILE_BYTES = 16 << 20;

    private static final int ROWS = 1000;
    private static final int GZIP_LEVEL = 6;

    private static final Archive.Description CSV =
            new Archive.Description("application/x-gzip", "", Map.of());
    private static final Archive.Description SIGN =
            new Archive.Description("application/json", "", Map.of());

    private final Archive archive;
    private final RegionKeys keys;
    private final QueryResults results;
    private final int fileBytes;

    ResultDelivery(Archive archive, RegionKeys keys, QueryResults results) {
        this(archive, keys, results, FILE_BYTES);
    }

    /// @param fileBytes how many packed bytes close a file
    ResultDelivery(Archive archive, RegionKeys keys, QueryResults results, int fileBytes) {
        this.archive = archive;
        this.keys = keys;
        this.results = results;
        this.fileBytes = fileBytes;
    }

    /// A file of the result.
    ///
    /// @param hash lower-case hex SHA-256 of its packed bytes
    private record Signed(String name, String hash) {}

    /// Delivers the result of a query that is finished.
    ///
    /// @throws IOException when the result cannot be read
    DeliveryStatus deliver(Query query) throws CatalogException, IOException {
        var delivery = Objects.requireNonNull(query.delivery());
        List<Signed> files;
        try {
            files = files(query, delivery);
        } catch (ArchiveException failure) {
            LOG.warn(
                    "the result of the query {} is not delivered: {}",
                    query.id(),
                    failure.toString());
            return switch (failure.kind()) {
                case NO_SUCH_BUCKET -> DeliveryStatus.RESOURCE_NOT_FOUND;
                case DENIED -> DeliveryStatus.ACCESS_DENIED;
                case TIMEOUT, UNAVAILABLE, CORRUPT -> DeliveryStatus.FAILED;
            };
        }
        try {
            put(query, delivery, "result_sign.json", sign(query, delivery, files), SIGN);
            return DeliveryStatus.SUCCESS;
        } catch (ArchiveException failure) {
            LOG.warn(
                    "the result of the query {} is not signed: {}", query.id(), failure.toString());
            return failure.kind() == ArchiveException.Kind.DENIED
                    ? DeliveryStatus.ACCESS_DENIED_SIGNING_FILE
                    : DeliveryStatus.FAILED_SIGNING_FILE;
        }
    }

    private List<Signed> files(Query query, Delivery delivery)
            throws IOException, ArchiveException {
        var files = new ArrayList<Signed>();
        var from = 0L;
        do {
            var packed = new ByteArrayOutputStream();
            from = file(query, from, packed);
            var name = "result_%d.csv.gz".formatted(files.size() + 1);
            put(query, delivery, name, packed.toByteArray(), CSV);
            files.add(new Signed(name, Hashes.sha256(packed.toByteArray())));
        } while (from >= 0);
        return files;
    }

    /// Packs rows until a file is full.
    ///
    /// @param from where the first page of the file begins
    /// @return where the next file begins; negative when there is none
    private long file(Query query, long from, ByteArrayOutputStream packed) throws IOException {
        try (Writer csv =
                new OutputStreamWriter(Gzip.packing(packed, GZIP_LEVEL), StandardCharsets.UTF_8)) {
            var page = results.page(query.id(), from, ROWS);
            Csv.header(csv, page.columns());
            while (true) {
                for (var row : page.rows()) {
                    Csv.row(csv, row);
                }
                if (page.next() < 0 || packed.size() >= fileBytes) {
                    return page.next();
                }
                page = results.page(query.id(), page.next(), ROWS);
            }
        }
    }

    private void put(
            Query query,
            Delivery delivery,
            String name,
            byte[] content,
            Archive.Description description)
            throws ArchiveException {
        var key =
                "%sAWSLogs/%s/CloudTrail-Lake/Query/%s/%s/%s"
                        .formatted(
                                delivery.prefix(),
                                query.account(),
                                DAY.format(query.created()),
                                query.id(),
                                name);
        var put =
                archive.putIfAbsent(
                        new Archive.Writer(query.account(), delivery.source()),
                        delivery.bucket(),
                        key,
                        content,
                        description);
        if (put == Archive.Put.TAKEN && !isThere(delivery.bucket(), key, content)) {
            throw new ArchiveException(
                    ArchiveException.Kind.CORRUPT,
                    "PreconditionFailed",
                    key + " is taken by something else");
        }
    }

    private boolean isThere(String bucket, String key, byte[] content) throws ArchiveException {
        var there = archive.get(bucket, key);
        if (there.isEmpty()) {
            return false;
        }
        try (var object = there.get()) {
            return Arrays.equals(object.bytes().readAllBytes(), content);
        } catch (IOException failure) {
            throw new ArchiveException(
                    ArchiveException.Kind.UNAVAILABLE,
                    "InternalError",
                    key + " is taken, and cannot be read to be compared",
                    failure);
        }
    }

    private byte[] sign(Query query, Delivery delivery, List<Signed> files)
            throws CatalogException, IOException {
        Instant completed = Objects.requireNonNull(delivery.completed());
        var signer = keys.signer(query.region(), completed);
        var json = JSON.createObjectNode().put("version", "1.0").put("region", query.region());
        var list = json.putArray("files");
        for (var file : files) {
            list.addObject().put("fileHashValue", file.hash()).put("fileName", file.name());
        }
        json.put("hashAlgorithm", "SHA-256")
                .put("signatureAlgorithm", Digest.SIGNATURE_ALGORITHM)
                .put("queryCompleteTime", Digest.time(completed))
                .put(
                        "hashSignature",
                        signer.sign(String.join(" ", files.stream().map(Signed::hash).toList())))
                .put("publicKeyFingerprint", signer.fingerprint());
        return JSON.writeValueAsBytes(json);
    }
}
