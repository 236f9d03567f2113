package dev.cairn.archive;

import dev.cairn.archive.Keeping.DefaultRetention;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The buckets of the built-in archive, kept in the catalog: a change stands or falls together with
/// the event of the call that made it. Names are one space for all accounts, as on AWS.
///
/// Documents: `bucket/<name>`, and `account-bucket`, which lists an account's buckets.
public final class BucketRegister {
    /// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    private static final Pattern ADDRESS = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+");

    /// First segments of paths that mean something else on Cairn's port.
    private static final Set<String> RESERVED =
            Set.of("health", "metrics", "intake", "confirm", "certificates", "console", "cairn");

    private static final String KMS_KEY = "kms-key";

    private final Catalog catalog;

    public BucketRegister(Catalog catalog) {
        this.catalog = catalog;
    }

    /// Whether a bucket may have that name.
    public static boolean isName(String name) {
        return NAME.matcher(name).matches()
                && !name.contains("..")
                && !name.contains(".-")
                && !name.contains("-.")
                && !ADDRESS.matcher(name).matches()
                && !name.startsWith("xn--")
                && !RESERVED.contains(name);
    }

    public Optional<Bucket> find(String name) throws CatalogException {
        return isName(name) ? read(catalog.get("bucket", name)) : Optional.empty();
    }

    /// As [#find], within a transaction.
    public Optional<Bucket> find(Transaction tx, String name) throws CatalogException {
        return isName(name) ? read(tx.get("bucket", name)) : Optional.empty();
    }

    /// An account's buckets in order of name, behind `after`.
    ///
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public List<Bucket> list(String account, String after, int limit) throws CatalogException {
        String prefix = account + "/";
        var buckets = new ArrayList<Bucket>();
        for (Document listed :
                catalog.list(
                        "account-bucket", prefix, after.isEmpty() ? "" : prefix + after, limit)) {
            find(listed.key().substring(prefix.length())).ifPresent(buckets::add);
        }
        return List.copyOf(buckets);
    }

    /// All buckets in order of name, behind `after`.
    ///
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public List<Bucket> all(String after, int limit) throws CatalogException {
        var all = new ArrayList<Bucket>();
        for (Document document : catalog.list("bucket", "", after, limit)) {
            all.add(read(document));
        }
        return List.copyOf(all);
    }

    /// Makes a bucket. Whether the name is free is asked before, in the same transaction.
    public void create(Transaction tx, Bucket bucket) throws CatalogException {
        tx.create("bucket", bucket.name(), json(bucket));
        tx.create("account-bucket", bucket.owner() + "/" + bucket.name(), "{}");
    }

    /// Puts a bucket in the place of the one with its name.
    public void replace(Transaction tx, Bucket bucket) throws CatalogException {
        tx.replace(there(tx, "bucket", bucket.name()), json(bucket));
    }

    /// Removes a bucket. That it is empty, and stays so until the transaction ends, is the caller's
    /// matter: [ObjectStore#closeEmpty].
    public void delete(Transaction tx, Bucket bucket) throws CatalogException {
        tx.delete(there(tx, "bucket", bucket.name()));
        tx.delete(there(tx, "account-bucket", bucket.owner() + "/" + bucket.name()));
    }

    private static Document there(Transaction tx, String kind, String key) throws CatalogException {
        return tx.get(kind, key)
                .orElseThrow(() ->
                        new CatalogException(
                                CatalogException.Kind.CONFLICT,
                                "expected a document %s/%s".formatted(kind, key)));
    }

    private static String json(Bucket bucket) {
        Fields fields =
                Fields.none()
                        .with("owner", bucket.owner())
                        .with("region", bucket.region())
                        .with("created", bucket.created().toString())
                        .with("tagging", bucket.tagging());
        Fields all =
                with(
                        bucket.policy() == null ? fields : fields.with("policy", bucket.policy()),
                        bucket.keeping());
        Fields blocked =
                bucket.block()
                        .map(block -> all.with("public-access-block", written(block)))
                        .orElse(all);
        return bucket.kmsKey().map(key -> blocked.with(KMS_KEY, key)).orElse(blocked).json();
    }

    /// Such as `1111`: the four in S3's order, `1` for those that are on.
    private static String written(PublicAccessBlock block) {
        return digit(block.blockPublicAcls())
                + digit(block.ignorePublicAcls())
                + digit(block.blockPublicPolicy())
                + digit(block.restrictPublicBuckets());
    }

    private static String digit(boolean on) {
        return on ? "1" : "0";
    }

    private static Optional<PublicAccessBlock> block(Fields fields) throws CatalogException {
        Optional<String> written = fields.find("public-access-block");
        if (written.isEmpty()) {
            return Optional.empty();
        }
        String digits = written.get();
        if (!digits.matches("[01]{4}")) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "expected a public access block such as 1111, got " + digits);
        }
        return Optional.of(
                new PublicAccessBlock(
                        digits.charAt(0) == '1',
                        digits.charAt(1) == '1',
                        digits.charAt(2) == '1',
                        digits.charAt(3) == '1'));
    }

    /// What a bucket does not use is not written: its document is as it always was.
    private static Fields with(Fields fields, Keeping keeping) {
        Fields all = fields;
        if (keeping.versioning() != Versioning.OFF) {
            all = all.with("versioning", keeping.versioning().name());
        }
        if (keeping.locked()) {
            all = all.with("locked", "true");
        }
        if (keeping.retention().isPresent()) {
            DefaultRetention retention = keeping.retention().get();
            all =
                    all.with("retention-mode", retention.mode().name())
                            .with("retention-count", Integer.toString(retention.count()))
                            .with("retention-unit", retention.unit().name());
        }
        return keeping.lifecycle().isEmpty() ? all : all.with("lifecycle", keeping.lifecycle());
    }

    private static Keeping keeping(Fields fields) throws CatalogException {
        try {
            return new Keeping(
                    Versioning.valueOf(fields.find("versioning").orElse(Versioning.OFF.name())),
                    fields.find("locked").isPresent(),
                    fields.find("retention-mode").isEmpty()
                            ? Optional.empty()
                            : Optional.of(
                                    new DefaultRetention(
                                            Retention.Mode.valueOf(fields.text("retention-mode")),
                                            Integer.parseInt(fields.text("retention-count")),
                                            DefaultRetention.Unit.valueOf(
                                                    fields.text("retention-unit")))),
                    fields.find("lifecycle").orElse(""));
        } catch (IllegalArgumentException e) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "expected a bucket that says how it keeps its objects",
                    e);
        }
    }

    private static Optional<Bucket> read(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? Optional.empty() : Optional.of(read(document.get()));
    }

    private static Bucket read(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Bucket(
                document.key(),
                fields.text("owner"),
                fields.text("region"),
                Instant.parse(fields.text("created")),
                fields.find("policy").orElse(null),
                fields.text("tagging"),
                keeping(fields),
                block(fields),
                fields.find(KMS_KEY));
    }
}
