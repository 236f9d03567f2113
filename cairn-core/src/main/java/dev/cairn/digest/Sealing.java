package dev.cairn.digest;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Place;
import dev.cairn.trail.Trail;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Writes digests: for each trail, account and region a chain of them, one for each window of time.
///
/// A delivered file waits in the catalog ([#add]) until the digest of its window is delivered, and
/// is forgotten in the same transaction that makes that digest the chain's newest: so exactly one
/// digest names it (I4). A digest is decided in the catalog (window, key, hash) before it is put;
/// whatever dies in between, the retry makes the same bytes.
///
/// A trail's steps come from one thread at a time; trails do not know each other.
public final class Sealing {
    /// Digests are small and read often.
    private static final int GZIP_LEVEL = 6;

    /// So many windows behind, as after a long time without the server, the rest is one window.
    static final int BEHIND_MAX = 48;

    static final String CHAIN = "digest-chain";

    /// Files that wait for their digest: documents that [#waiting] reads.
    public static final String FILE = "digest-file";

    /// Files whose chain was given up, so that no digest will name them: the same.
    public static final String GIVEN_UP = "digest-given-up";

    private static final int PAGE = Catalog.LIMIT_MAX;

    static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy/MM/dd").withZone(ZoneOffset.UTC);

    private final Catalog catalog;
    private final Archive archive;
    private final RegionKeys keys;
    private final Duration interval;

    /// @param interval the length of a window (`trail.digest-interval`), at least a second
    public Sealing(Catalog catalog, Archive archive, RegionKeys keys, Duration interval) {
        if (interval.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("expected at least a second, got " + interval);
        }
        this.catalog = catalog;
        this.archive = archive;
        this.keys = keys;
        this.interval = interval;
    }

    /// Told of a delivered digest in the transaction that makes it the chain's newest.
    @FunctionalInterface
    public interface Delivered {
        void digest(Transaction tx, Instant end) throws CatalogException;
    }

    /// Begins a chain, unless there is one.
    ///
    /// @param id of the trail
    /// @param start of its first window, whole seconds
    public void open(Transaction tx, String id, Place place, Instant start)
            throws CatalogException {
        String key = key(id, place);
        if (tx.get(CHAIN, key).isEmpty()) {
            tx.create(CHAIN, key, new Chain(place, start, null, null).json());
        }
    }

    /// Whether a chain is begun and not closed.
    public boolean isOpen(String id, Place place) throws CatalogException {
        return catalog.get(CHAIN, key(id, place)).isPresent();
    }

    /// Whether any chain of a trail is.
    public boolean isOpen(String id) throws CatalogException {
        return !catalog.list(CHAIN, id + '/', "", 1).isEmpty();
    }

    /// Hands over a delivered file for the digest of its window.
    ///
    /// @param delivered its time of delivery: not before the end of a window that is decided
    /// @param name tells it from others of the same time
    public void add(
            Transaction tx,
            String id,
            Place place,
            Instant delivered,
            String name,
            Digest.SealedFile file)
            throws CatalogException {
        tx.create(
                FILE,
                key(id, place) + '/' + STAMP.format(delivered) + '/' + name,
                Fields.none()
                        .with("delivered", delivered.toString())
                        .with("bucket", file.bucket())
                        .with("object", file.object())
                        .with("hash", file.hash())
                        .with("newest", file.newest().toString())
                        .with("oldest", file.oldest().toString())
                        .json());
    }

    /// A delivered file that waits for its digest.
    ///
    /// @param hash lower-case hex SHA-256 of its unpacked bytes
    public record Waiting(String account, String bucket, String object, String hash) {}

    /// What a document of kind [#FILE] or [#GIVEN_UP] says.
    public static Waiting waiting(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Waiting(
                document.key().split("/", -1)[1],
                fields.text("bucket"),
                fields.text("object"),
                fields.text("hash"));
    }

    /// The end of the latest window that is to be sealed now; empty when none is. Files delivered
    /// later than this is asked must not be timed before it.
    ///
    /// @param closing whether the chains end here
    public Optional<Instant> due(String id, Instant clock, boolean closing)
            throws CatalogException {
        Instant latest = null;
        for (Document document : all(CHAIN, id + '/')) {
            Chain chain = Chain.of(document);
            Instant end = end(chain, clock, closing);
            if (end != null && (latest == null || end.isAfter(latest))) {
                latest = end;
            }
        }
        return Optional.ofNullable(latest);
    }

    /// Seals one window of each chain where one is due. No file of the trail may be on its way into
    /// the bucket with a time before what [#due] said.
    ///
    /// @param clock not before what [#due] said
    /// @param closing whether the chains end with this
    /// @throws ArchiveException when a digest cannot be put now; it is decided, so call again
    public void seal(Trail trail, String id, Instant clock, boolean closing, Delivered delivered)
            throws CatalogException, ArchiveException {
        for (Document document : all(CHAIN, id + '/')) {
            Chain chain = Chain.of(document);
            Instant end = end(chain, clock, closing);
            if (end != null) {
                seal(trail, id, document, chain, end, closing, delivered);
            }
        }
    }

    /// Gives up the chains of a trail: files that wait in them are named by no digest, and are kept
    /// in mind as [#GIVEN_UP], for they are in the bucket.
    public void abandon(Transaction tx, String id) throws CatalogException {
        empty(tx, CHAIN, id, document -> RunEnds.note(tx, id, Chain.of(document)));
        empty(tx, FILE, id, file -> tx.create(GIVEN_UP, file.key(), file.json()));
    }

    /// Forgets the files whose chains were given up, when their trail is gone.
    public void forget(Transaction tx, String id) throws CatalogException {
        empty(tx, GIVEN_UP, id, _ -> {});
    }

    @FunctionalInterface
    private interface Farewell {
        void to(Document document) throws CatalogException;
    }

    private static void empty(Transaction tx, String kind, String id, Farewell farewell)
            throws CatalogException {
        List<Document> page = tx.list(kind, id + '/', "", PAGE);
        while (!page.isEmpty()) {
            for (Document document : page) {
                farewell.to(document);
                tx.delete(document);
            }
            page = tx.list(kind, id + '/', "", PAGE);
        }
    }

    private @Nullable Instant end(Chain chain, Instant clock, boolean closing) {
        Chain.Intent intent = chain.intent();
        if (intent != null) {
            return intent.end();
        }
        if (closing) {
            // Behind every file that is delivered: those of this very second, too.
            return (clock.isBefore(chain.start()) ? chain.start() : clock).plusSeconds(1);
        }
        long windows = Duration.between(chain.start(), clock).dividedBy(interval);
        if (windows < 1) {
            return null;
        }
        return chain.start().plus(interval.multipliedBy(windows > BEHIND_MAX ? windows : 1));
    }

    private void seal(
            Trail trail,
            String id,
            Document document,
            Chain chain,
            Instant end,
            boolean closing,
            Delivered delivered)
            throws CatalogException, ArchiveException {
        Chain.Intent intent = chain.intent();
        Document current = document;
        if (intent == null) {
            intent = intent(trail, id, chain, end);
            current = replace(document, chain.with(intent));
        }
        List<Document> files = files(id, chain.place(), intent.end());
        Digest digest = digest(chain, intent, files);
        byte[] content = digest.json();
        if (!Hashes.sha256(content).equals(intent.hash())) {
            throw new IllegalStateException(
                    "expected the digest %s to have the hash %s, as decided"
                            .formatted(intent.object(), intent.hash()));
        }
        Signer signer = keys.signer(chain.place().region(), intent.fingerprint());
        String signature = signer.sign(digest.textToSign(intent.hash()));
        if (!put(trail, chain, intent, content, signature)) {
            // The key holds something that is not ours: a second later ours has another. Or the
            // trail was given another bucket.
            Chain.Intent same = intent(trail, id, chain, intent.end());
            replace(
                    current,
                    chain.with(
                            same.isAt(intent)
                                    ? intent(trail, id, chain, intent.end().plusSeconds(1))
                                    : same));
            return;
        }
        Chain next = chain.after(intent, signature);
        Document written = current;
        boolean ended = closing && files(id, chain.place(), Instant.MAX).size() == files.size();
        boolean moved = !chain.isInFolderOf(intent);
        Chain.Intent sealed = intent;
        catalog.<Boolean, RuntimeException>write(tx -> {
            if (moved) {
                RunEnds.note(tx, id, chain);
            }
            if (ended) {
                RunEnds.note(tx, id, next);
                tx.delete(written);
            } else {
                tx.replace(written, next.json());
            }
            for (Document file : files) {
                noteElsewhere(tx, id, chain, sealed, file);
                tx.delete(file);
            }
            delivered.digest(tx, next.start());
            return true;
        });
    }

    /// Whoever looks where the file is, finds no digest that names it.
    private static void noteElsewhere(
            Transaction tx, String id, Chain chain, Chain.Intent digest, Document file)
            throws CatalogException {
        Fields fields = Fields.of(file);
        var delivered =
                new Unsealed.Delivered(
                        chain.place().account(),
                        fields.text("bucket"),
                        fields.text("object"),
                        Instant.parse(fields.text("delivered")));
        if (!delivered.isBeside(digest.bucket(), digest.object())) {
            Unsealed.elsewhere(
                    tx,
                    id,
                    chain.start(),
                    delivered,
                    "s3://" + digest.bucket() + '/' + digest.object());
        }
    }

    private Document replace(Document document, Chain chain) throws CatalogException {
        String json = chain.json();
        catalog.<Boolean, RuntimeException>write(tx -> {
            tx.replace(document, json);
            return true;
        });
        return new Document(document.kind(), document.key(), document.version() + 1, json);
    }

    private Chain.Intent intent(Trail trail, String id, Chain chain, Instant end)
            throws CatalogException {
        String fingerprint = keys.signer(chain.place().region(), end).fingerprint();
        var draft =
                new Chain.Intent(
                        end, trail.bucket(), object(trail, chain.place(), end), fingerprint, "");
        String hash = Hashes.sha256(digest(chain, draft, files(id, chain.place(), end)).json());
        return new Chain.Intent(end, draft.bucket(), draft.object(), fingerprint, hash);
    }

    private static Digest digest(Chain chain, Chain.Intent intent, List<Document> files)
            throws CatalogException {
        List<Digest.SealedFile> sealed = new ArrayList<>();
        for (Document file : files) {
            Fields fields = Fields.of(file);
            sealed.add(
                    new Digest.SealedFile(
                            fields.text("bucket"),
                            fields.text("object"),
                            fields.text("hash"),
                            Instant.parse(fields.text("newest")),
                            Instant.parse(fields.text("oldest"))));
        }
        return new Digest(
                chain.place().account(),
                chain.start(),
                intent.end(),
                intent.bucket(),
                intent.object(),
                intent.fingerprint(),
                chain.previous(),
                sealed);
    }

    /// @return whether the object is there now and is ours; when not, it never will be
    private boolean put(
            Trail trail, Chain chain, Chain.Intent intent, byte[] content, String signature)
            throws ArchiveException {
        var description =
                new Archive.Description(
                        "application/json",
                        "gzip",
                        Map.of(
                                "signature",
                                signature,
                                "signature-algorithm",
                                Digest.SIGNATURE_ALGORITHM));
        return PutOnce.put(
                archive,
                new Archive.Writer(trail.account(), trail.arn(), trail.kmsKey()),
                new PutOnce.Address(intent.bucket(), intent.object()),
                new PutOnce.Address(trail.bucket(), object(trail, chain.place(), intent.end())),
                Gzip.pack(content, GZIP_LEVEL),
                description,
                intent.hash());
    }

    /// The files that wait, delivered before a time, in order of delivery.
    private List<Document> files(String id, Place place, Instant end) throws CatalogException {
        List<Document> files = new ArrayList<>();
        for (Document file : all(FILE, key(id, place) + '/')) {
            if (Instant.parse(Fields.of(file).text("delivered")).isBefore(end)) {
                files.add(file);
            }
        }
        return files;
    }

    private List<Document> all(String kind, String prefix) throws CatalogException {
        List<Document> all = new ArrayList<>();
        List<Document> page = catalog.list(kind, prefix, "", PAGE);
        while (!page.isEmpty()) {
            all.addAll(page);
            page =
                    page.size() < PAGE
                            ? List.of()
                            : catalog.list(kind, prefix, page.getLast().key(), PAGE);
        }
        return all;
    }

    private static String key(String id, Place place) {
        return id + '/' + place.account() + '/' + place.region();
    }

    ///
    /// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
    static String object(Trail trail, Place place, Instant end) {
        String prefix = trail.prefix().isEmpty() ? "" : trail.prefix() + '/';
        return "%sAWSLogs/%s/CloudTrail-Digest/%s/%s/%s_CloudTrail-Digest_%s_%s_%s_%s.json.gz"
                .formatted(
                        prefix,
                        place.account(),
                        place.region(),
                        DAY.format(end),
                        place.account(),
                        place.region(),
                        trail.name(),
                        trail.homeRegion(),
                        STAMP.format(end));
    }
}
