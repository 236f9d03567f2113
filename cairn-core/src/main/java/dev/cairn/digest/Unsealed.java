package dev.cairn.digest;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Instant;
import java.util.Optional;

/// A span in which a trail delivered files that no digest beside them names: validation was off, or
/// the trail went to another bucket or prefix before the digest came, and that stands there.
///
/// @param account the trail's
/// @param base what the keys of the files start with, up to and with the account's folder
/// @param from time of the first such delivery, as its name says
/// @param to time of the last one
/// @param sealedBy where the digest is that names them, as `s3://bucket/key`; empty when none does
public record Unsealed(
        String account, String bucket, String base, Instant from, Instant to, String sealedBy) {

    /// The kind of documents that [#of] reads.
    public static final String KIND = "digest-unsealed";

    /// A file that was delivered.
    public record Delivered(String account, String bucket, String object, Instant time) {
        /// Whether an object stands in the same account's folder.
        boolean isBeside(String otherBucket, String otherObject) {
            return bucket.equals(otherBucket) && otherObject.startsWith(base());
        }

        private String base() {
            String folder = "AWSLogs/" + account + '/';
            return object.substring(0, object.indexOf(folder) + folder.length());
        }
    }

    /// Notes a file for which there was no validation.
    ///
    /// @param id of the trail
    /// @param version the number of its version: between two of them there may have been validation
    public static void withoutValidation(Transaction tx, String id, int version, Delivered file)
            throws CatalogException {
        note(tx, "%s/%010d".formatted(id, version), file, "");
    }

    /// Notes a file whose digest stands in another place.
    ///
    /// @param start of the digest's window
    static void elsewhere(
            Transaction tx, String id, Instant start, Delivered file, String digestUrl)
            throws CatalogException {
        note(tx, id + '/' + Sealing.STAMP.format(start), file, digestUrl);
    }

    private static void note(Transaction tx, String span, Delivered file, String sealedBy)
            throws CatalogException {
        String key = span + '/' + file.bucket() + '/' + file.base();
        Optional<Document> known = tx.get(KIND, key);
        Instant from = known.isEmpty() ? file.time() : of(known.get()).from();
        Unsealed now =
                new Unsealed(
                        file.account(), file.bucket(), file.base(), from, file.time(), sealedBy);
        if (known.isEmpty()) {
            tx.create(KIND, key, now.json());
        } else {
            tx.replace(known.get(), now.json());
        }
    }

    /// What a document of kind [#KIND] says.
    public static Unsealed of(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Unsealed(
                fields.text("account"),
                fields.text("bucket"),
                fields.text("base"),
                Instant.parse(fields.text("from")),
                Instant.parse(fields.text("to")),
                fields.text("sealedBy"));
    }

    private String json() {
        return Fields.none()
                .with("account", account)
                .with("bucket", bucket)
                .with("base", base)
                .with("from", from.toString())
                .with("to", to.toString())
                .with("sealedBy", sealedBy)
                .json();
    }
}
