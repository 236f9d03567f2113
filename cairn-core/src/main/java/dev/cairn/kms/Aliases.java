package dev.cairn.kms;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The aliases of keys. Documents: `kms-alias` under `ACCOUNT/REGION/alias/NAME`; `kms-alias-of`
/// under `ACCOUNT/REGION/KEY/alias/NAME`, so that a key's own are found without the others. Any
/// thread may call any method.
public final class Aliases {
    /// How many aliases a key may have.
    public static final int OF_KEY_MAX = 50;

    private static final String ALIAS = "kms-alias";
    private static final String OF_KEY = "kms-alias-of";
    private static final String TARGET = "target";
    private static final String CREATED = "created";
    private static final String UPDATED = "updated";

    private final Catalog catalog;

    public Aliases(Catalog catalog) {
        this.catalog = catalog;
    }

    public Optional<Alias> find(AliasArn arn) throws CatalogException {
        return read(catalog.get(ALIAS, arn.key()));
    }

    public Optional<Alias> find(Transaction tx, AliasArn arn) throws CatalogException {
        return read(tx.get(ALIAS, arn.key()));
    }

    /// KMS's words for an alias that is not there.
    public static Failure missing(AliasArn arn) {
        return new Failure(ErrorCode.NOT_FOUND, "Alias %s is not found.".formatted(arn));
    }

    /// An account's aliases of a region in order of name.
    ///
    /// @param after the last name of the page before; empty for the first page
    public List<Alias> list(String account, String region, String after, int limit)
            throws CatalogException {
        String place = KeyArn.place(account, region);
        List<Alias> aliases = new ArrayList<>();
        for (Document document :
                catalog.list(ALIAS, place, after.isEmpty() ? "" : place + after, limit)) {
            aliases.add(read(document));
        }
        return aliases;
    }

    /// The names of a key's aliases, in order: at most [#OF_KEY_MAX].
    public List<String> of(KeyArn key) throws CatalogException {
        return names(key, catalog.list(OF_KEY, key.key() + '/', "", OF_KEY_MAX));
    }

    private static List<String> names(KeyArn key, List<Document> documents) {
        return documents.stream()
                .map(document -> document.key().substring(key.key().length() + 1))
                .toList();
    }

    /// @throws Failure ALREADY_EXISTS, KMS_INVALID_STATE, LIMIT_EXCEEDED
    public void create(Transaction tx, AliasArn arn, KmsKey target, Instant now)
            throws CatalogException {
        target.checkStays();
        if (find(tx, arn).isPresent()) {
            throw new Failure(
                    ErrorCode.ALREADY_EXISTS,
                    "An alias with the name %s already exists".formatted(arn));
        }
        String at = now.truncatedTo(ChronoUnit.MILLIS).toString();
        attach(tx, arn, target.arn());
        tx.create(
                ALIAS,
                arn.key(),
                Fields.none()
                        .with(TARGET, target.arn().id())
                        .with(CREATED, at)
                        .with(UPDATED, at)
                        .json());
    }

    /// Gives an alias another key.
    ///
    /// @throws Failure NOT_FOUND, KMS_INVALID_STATE, LIMIT_EXCEEDED
    public void update(Transaction tx, AliasArn arn, KmsKey target, Instant now)
            throws CatalogException {
        Document document = document(tx, arn);
        target.checkStays();
        KeyArn old = read(document).target();
        if (!old.equals(target.arn())) {
            detach(tx, arn, old);
            attach(tx, arn, target.arn());
        }
        tx.replace(
                document,
                Fields.of(document)
                        .with(TARGET, target.arn().id())
                        .with(UPDATED, now.truncatedTo(ChronoUnit.MILLIS).toString())
                        .json());
    }

    /// @throws Failure NOT_FOUND
    public void delete(Transaction tx, AliasArn arn) throws CatalogException {
        Document document = document(tx, arn);
        detach(tx, arn, read(document).target());
        tx.delete(document);
    }

    /// Deletes all aliases of a key.
    void deleteOf(Transaction tx, KeyArn key) throws CatalogException {
        for (String name : names(key, tx.list(OF_KEY, key.key() + '/', "", OF_KEY_MAX))) {
            delete(tx, new AliasArn(key.region(), key.account(), name));
        }
    }

    private static void attach(Transaction tx, AliasArn arn, KeyArn key) throws CatalogException {
        if (tx.list(OF_KEY, key.key() + '/', "", OF_KEY_MAX).size() >= OF_KEY_MAX) {
            throw new Failure(
                    ErrorCode.LIMIT_EXCEEDED,
                    "A key has at most %d aliases.".formatted(OF_KEY_MAX));
        }
        tx.create(OF_KEY, key.key() + '/' + arn.name(), Fields.none().json());
    }

    private static void detach(Transaction tx, AliasArn arn, KeyArn key) throws CatalogException {
        Optional<Document> attached = tx.get(OF_KEY, key.key() + '/' + arn.name());
        if (attached.isPresent()) {
            tx.delete(attached.get());
        }
    }

    private static Document document(Transaction tx, AliasArn arn) throws CatalogException {
        return tx.get(ALIAS, arn.key()).orElseThrow(() -> missing(arn));
    }

    private static Optional<Alias> read(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? Optional.empty() : Optional.of(read(document.get()));
    }

    private static Alias read(Document document) throws CatalogException {
        String[] parts = document.key().split("/", 3);
        Fields fields = Fields.of(document);
        return new Alias(
                new AliasArn(parts[1], parts[0], parts[2]),
                new KeyArn(parts[1], parts[0], fields.text(TARGET)),
                Instant.parse(fields.text(CREATED)),
                Instant.parse(fields.text(UPDATED)));
    }
}
