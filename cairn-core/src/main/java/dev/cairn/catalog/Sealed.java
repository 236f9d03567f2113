package dev.cairn.catalog;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Vault;
import java.security.GeneralSecurityException;
import java.util.List;

/// The kinds of documents that hold a secret, sealed under the master key in one field.
///
/// Nothing else seals what is stored, so that a new master key leaves none behind.
public enum Sealed {
    /// The secret access key of an access key.
    ACCESS_KEY("key"),
    /// The private half of a key that signs digests.
    DIGEST_KEY("digest-key"),
    /// The key that the built-in archive's files are sealed under.
    ARCHIVE_KEY("archive-key"),
    /// The private half of the key that signs topics' messages.
    TOPIC_KEY("topic-key"),
    /// What a KMS key encrypts with.
    KMS_MATERIAL("kms-material"),
    /// What a connection to a server outside authorizes with.
    CONNECTION("connection-secret");

    private static final String FIELD = "sealed";

    private final String kind;

    Sealed(String kind) {
        this.kind = kind;
    }

    /// The kind of the documents.
    public String kind() {
        return kind;
    }

    /// A copy of a document's fields with the secret sealed in them.
    public Fields with(Fields fields, String key, Secret secret, Vault vault) {
        return fields.with(FIELD, vault.seal(kind, key, secret));
    }

    /// The secret of a document.
    ///
    /// @throws CatalogException CORRUPT when there is none, or it does not open under this master
    ///   key
    public Secret open(String key, Fields fields, Vault vault) throws CatalogException {
        try {
            return vault.open(kind, key, fields.text(FIELD));
        } catch (GeneralSecurityException e) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "the secret of %s %s does not open: the master key (keys.master) is not the one it was sealed with, or the catalog is damaged"
                            .formatted(kind, key),
                    e);
        }
    }

    /// Seals every stored secret anew, under another master key, in one transaction: whatever
    /// happens, all of them open under the one key or all under the other.
    ///
    /// @return how many
    /// @throws CatalogException CORRUPT when one does not open under the old key; nothing is
    ///   changed then
    public static int anew(Catalog catalog, Vault old, Vault fresh) throws CatalogException {
        return catalog.<Integer, RuntimeException>write(tx -> {
            int count = 0;
            for (Sealed sealed : values()) {
                count += sealed.anew(tx, old, fresh);
            }
            return count;
        });
    }

    private int anew(Transaction tx, Vault old, Vault fresh) throws CatalogException {
        int count = 0;
        List<Document> page = tx.list(kind, "", "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            for (Document document : page) {
                Fields fields = Fields.of(document);
                Secret secret = open(document.key(), fields, old);
                tx.replace(document, with(fields, document.key(), secret, fresh).json());
                count++;
            }
            page = tx.list(kind, "", page.getLast().key(), Catalog.LIMIT_MAX);
        }
        return count;
    }

    /// Whether anything is sealed yet.
    public static boolean any(Catalog catalog) throws CatalogException {
        for (Sealed sealed : values()) {
            if (!catalog.list(sealed.kind, "", "", 1).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /// Whether what is stored is sealed under that master key; so it is when nothing is.
    public static boolean opens(Catalog catalog, Vault vault) throws CatalogException {
        for (Sealed sealed : values()) {
            for (Document document : catalog.list(sealed.kind, "", "", 1)) {
                try {
                    vault.open(sealed.kind, document.key(), Fields.of(document).text(FIELD));
                } catch (GeneralSecurityException _) {
                    return false;
                }
            }
        }
        return true;
    }
}
