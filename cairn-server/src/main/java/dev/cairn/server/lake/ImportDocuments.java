package dev.cairn.server.lake;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.digest.Hashes;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.operation.StoreImports.FailurePage;
import dev.cairn.server.operation.StoreImports.FileFailure;
import dev.cairn.server.operation.StoreImports.Import;
import dev.cairn.server.operation.StoreImports.Progress;
import dev.cairn.server.operation.StoreImports.Source;
import dev.cairn.server.operation.StoreImports.Status;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Imports in the catalog, and the files that failed in them.
final class ImportDocuments {
    private static final String KIND = "lake-import";
    private static final String FAILURE = "lake-import-failure";
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    private final Catalog catalog;

    ImportDocuments(Catalog catalog) {
        this.catalog = catalog;
    }

    /// A step of a change.
    @FunctionalInterface
    interface Step<T> {
        T run(Transaction tx) throws CatalogException;
    }

    <T> T write(Step<T> step) throws CatalogException {
        return catalog.<T, RuntimeException>write(step::run);
    }

    Optional<Import> find(String account, String region, String id) throws CatalogException {
        return read(catalog.get(KIND, within(account, region) + id));
    }

    /// @param prefix of keys, empty for all
    List<Import> list(String prefix) throws CatalogException {
        return list(catalog::list, prefix);
    }

    List<Import> list(Transaction tx, String prefix) throws CatalogException {
        return list(tx::list, prefix);
    }

    private interface Listing {
        List<Document> list(String kind, String keyPrefix, String after, int limit)
                throws CatalogException;
    }

    private static List<Import> list(Listing listing, String prefix) throws CatalogException {
        var imports = new ArrayList<Import>();
        var after = "";
        List<Document> page;
        do {
            page = listing.list(KIND, prefix, after, Catalog.LIMIT_MAX);
            for (var document : page) {
                imports.add(read(document));
                after = document.key();
            }
        } while (page.size() == Catalog.LIMIT_MAX);
        return imports;
    }

    void create(Transaction tx, Import one) throws CatalogException {
        tx.create(KIND, key(one), json(one));
    }

    Optional<Import> find(Transaction tx, Import one) throws CatalogException {
        return read(tx.get(KIND, key(one)));
    }

    void replace(Transaction tx, Import one) throws CatalogException {
        tx.replace(
                tx.get(KIND, key(one))
                        .orElseThrow(() ->
                                new CatalogException(
                                        CatalogException.Kind.CONFLICT,
                                        "the import %s is gone".formatted(one.id()))),
                json(one));
    }

    // ---- failures -------------------------------------------------------------------------------

    FailurePage failures(Import of, String from, int max) throws CatalogException {
        if (!from.isEmpty() && !HASH.matcher(from).matches()) {
            throw new Failure(ErrorCode.INVALID_NEXT_TOKEN);
        }
        var within = of.id() + "/";
        var page = catalog.list(FAILURE, within, from.isEmpty() ? "" : within + from, max);
        var failures = new ArrayList<FileFailure>();
        for (var document : page) {
            failures.add(failure(document));
        }
        var last = page.isEmpty() ? "" : page.getLast().key();
        var more = page.size() == max && !catalog.list(FAILURE, within, last, 1).isEmpty();
        return new FailurePage(failures, more ? last.substring(within.length()) : "");
    }

    /// Whether a file failed, and was not read well since.
    boolean failed(Transaction tx, Import of, String location) throws CatalogException {
        var known = tx.get(FAILURE, key(of, location));
        return known.isPresent() && failure(known.get()).status().equals("FAILED");
    }

    /// Named by a hash: a location can be longer than a name, and hold what no name may.
    private static String key(Import of, String location) {
        return of.id() + "/" + Hashes.sha256(location.getBytes(StandardCharsets.UTF_8));
    }

    /// Writes down what became of a file that failed, now or before.
    void put(Transaction tx, Import of, FileFailure failure) throws CatalogException {
        var key = key(of, failure.location());
        var json =
                Fields.none()
                        .with("location", failure.location())
                        .with("status", failure.status())
                        .with("type", failure.type())
                        .with("message", failure.message())
                        .with("updated", failure.updated().toString())
                        .json();
        var old = tx.get(FAILURE, key);
        if (old.isPresent()) {
            tx.replace(old.get(), json);
        } else {
            tx.create(FAILURE, key, json);
        }
    }

    private static FileFailure failure(Document document) throws CatalogException {
        var fields = Fields.of(document);
        return new FileFailure(
                fields.text("location"),
                fields.text("status"),
                fields.text("type"),
                fields.text("message"),
                Instant.parse(fields.text("updated")));
    }

    // ---- imports --------------------------------------------------------------------------------

    private static String key(Import one) {
        return within(one.account(), one.region()) + one.id();
    }

    /// The account's length comes first, so that no account's imports stand among another's.
    static String within(String account, String region) {
        return within(account) + region + "/";
    }

    static String within(String account) {
        return account.length() + ":" + account + "/";
    }

    private static String json(Import one) {
        var progress = one.progress();
        var fields =
                Fields.none()
                        .with("id", one.id())
                        .with("account", one.account())
                        .with("region", one.region())
                        .with("store", one.store())
                        .with("uri", one.source().uri())
                        .with("bucket", one.source().bucket())
                        .with("prefix", one.source().prefix())
                        .with("bucketRegion", one.source().region())
                        .with("role", one.source().role())
                        .with("status", one.status().name())
                        .with("created", one.created().toString())
                        .with("updated", one.updated().toString())
                        .with("run", Long.toString(one.run()))
                        .with("cursor", one.cursor())
                        .with("prefixes", Long.toString(progress.prefixes()))
                        .with("lastPrefix", progress.prefix())
                        .with("files", Long.toString(progress.files()))
                        .with("events", Long.toString(progress.events()))
                        .with("failed", Long.toString(progress.failed()));
        return with(with(fields, "start", one.source().start()), "end", one.source().end()).json();
    }

    private static Fields with(Fields fields, String name, @Nullable Instant time) {
        return time == null ? fields : fields.with(name, time.toString());
    }

    private static Optional<Import> read(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? Optional.empty() : Optional.of(read(document.get()));
    }

    private static Import read(Document document) throws CatalogException {
        var fields = Fields.of(document);
        return new Import(
                fields.text("id"),
                fields.text("account"),
                fields.text("region"),
                fields.text("store"),
                new Source(
                        fields.text("uri"),
                        fields.text("bucket"),
                        fields.text("prefix"),
                        fields.text("bucketRegion"),
                        fields.text("role"),
                        fields.find("start").map(Instant::parse).orElse(null),
                        fields.find("end").map(Instant::parse).orElse(null)),
                Status.valueOf(fields.text("status")),
                Instant.parse(fields.text("created")),
                Instant.parse(fields.text("updated")),
                // Imports of earlier versions have none.
                fields.find("run").map(Long::parseLong).orElse(0L),
                fields.text("cursor"),
                new Progress(
                        Long.parseLong(fields.text("prefixes")),
                        fields.text("lastPrefix"),
                        Long.parseLong(fields.text("files")),
                        Long.parseLong(fields.text("events")),
                        Long.parseLong(fields.text("failed"))));
    }
}
