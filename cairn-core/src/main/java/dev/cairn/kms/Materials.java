package dev.cairn.kms;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.catalog.Sealed;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/// The material of keys, 256 random bits each, sealed by the [Vault] under the master key.
///
/// One document each, under `ACCOUNT/REGION/KEY/NUMBER`. None is removed before its key is. Nothing
/// is kept in memory: what is revoked is revoked. Any thread may call any method.
public final class Materials {
    private static final String KIND = Sealed.KMS_MATERIAL.kind();
    private static final int BYTES = 32;

    private final Catalog catalog;
    private final Vault vault;
    private final Secrets secrets;

    public Materials(Catalog catalog, Vault vault, Secrets secrets) {
        this.catalog = catalog;
        this.vault = vault;
        this.secrets = secrets;
    }

    void make(Transaction tx, KeyArn arn, Material material) throws CatalogException {
        String key = key(arn, material.number());
        Secret secret = new Secret(Base64.getEncoder().encodeToString(secrets.bytes(BYTES)));
        Fields fields =
                Fields.none()
                        .with("how", material.how().name())
                        .with("since", material.since().toString());
        tx.create(KIND, key, Sealed.KMS_MATERIAL.with(fields, key, secret, vault).json());
    }

    /// Empty when the key never had such material, or is deleted.
    Optional<SecretKey> open(KeyArn arn, int number) throws CatalogException {
        String key = key(arn, number);
        Optional<Document> document = catalog.get(KIND, key);
        if (document.isEmpty()) {
            return Optional.empty();
        }
        Secret secret = Sealed.KMS_MATERIAL.open(key, Fields.of(document.get()), vault);
        byte[] bytes = Base64.getDecoder().decode(secret.reveal());
        return Optional.of(new SecretKeySpec(bytes, "Generic"));
    }

    /// A key's material in order of number.
    ///
    /// @param after the number before the first one; 0 for all
    List<Material> list(KeyArn arn, int after, int limit) throws CatalogException {
        List<Material> all = new ArrayList<>();
        String from = after == 0 ? "" : key(arn, after);
        for (Document document : catalog.list(KIND, arn.key() + '/', from, limit)) {
            Fields fields = Fields.of(document);
            all.add(
                    new Material(
                            Integer.parseInt(
                                    document.key().substring(document.key().lastIndexOf('/') + 1)),
                            Material.How.valueOf(fields.text("how")),
                            Instant.parse(fields.text("since"))));
        }
        return all;
    }

    /// Destroys all material of a key: what it has encrypted can never be opened again.
    void destroy(Transaction tx, KeyArn arn) throws CatalogException {
        List<Document> page = tx.list(KIND, arn.key() + '/', "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            for (Document document : page) {
                tx.delete(document);
            }
            page = tx.list(KIND, arn.key() + '/', "", Catalog.LIMIT_MAX);
        }
    }

    private static String key(KeyArn arn, int number) {
        return "%s/%06d".formatted(arn.key(), number);
    }
}
