package dev.cairn.embedded.archive;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.catalog.Sealed;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import java.util.Base64;
import java.util.Optional;

/// The key that the archive's files are sealed under: random, made at the first start, kept in the
/// catalog under the master key. A new master key thus never means writing every object anew.
public final class ArchiveKey {
    private static final String KIND = Sealed.ARCHIVE_KEY.kind();
    private static final String ID = "1";

    private ArchiveKey() {}

    /// Reads the key, or makes it.
    ///
    /// @throws CatalogException CORRUPT when it does not open under this master key
    public static byte[] of(Catalog catalog, Vault vault, Secrets secrets) throws CatalogException {
        Optional<byte[]> known = find(catalog, vault);
        if (known.isEmpty()) {
            byte[] made = secrets.bytes(Vault.MASTER_KEY_BYTES);
            Secret text = new Secret(Base64.getEncoder().encodeToString(made));
            catalog.<Boolean, RuntimeException>write(tx -> {
                tx.create(KIND, ID, Sealed.ARCHIVE_KEY.with(Fields.none(), ID, text, vault).json());
                return true;
            });
            return made;
        }
        return known.get();
    }

    /// Reads the key; empty when none was made.
    ///
    /// @throws CatalogException CORRUPT when it does not open under this master key
    public static Optional<byte[]> find(Catalog catalog, Vault vault) throws CatalogException {
        Optional<Document> known = catalog.get(KIND, ID);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Secret text = Sealed.ARCHIVE_KEY.open(ID, Fields.of(known.get()), vault);
        return Optional.of(Base64.getDecoder().decode(text.reveal()));
    }
}
