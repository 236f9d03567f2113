package dev.cairn.digest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.CatalogException.Kind;
import dev.cairn.catalog.Fields;
import dev.cairn.catalog.Sealed;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Vault;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/// The keys that sign digests: for each region its own, RSA of 2048 bits, in use for 23 of the 30
/// days that each is valid.
///
/// They are kept in the catalog, the private half sealed by the [Vault]. None is ever removed: a
/// digest is proved by its key for as long as the digest is kept. Any thread may call any method.
public final class RegionKeys {
    /// How long a key is valid from its first use: as the samples in AWS's guide.
    public static final Duration VALIDITY = Duration.ofDays(30);

    /// For so long at its end a key signs no more, while its successor does already: whoever
    /// fetches keys around the change gets both.
    public static final Duration OVERLAP = Duration.ofDays(7);

    /// So long before it first signs a key is valid: the last digest of a trail ends a second after
    /// it is made, and the clocks of those who ask for keys differ.
    public static final Duration EARLIER = Duration.ofHours(1);

    private static final String KIND = Sealed.DIGEST_KEY.kind();
    private static final int PAGE = 1000;

    private final Catalog catalog;
    private final Vault vault;
    private final KeyMaker maker;

    /// Makes key pairs: `SecureRandom`, or fixtures in tests (I8).
    @FunctionalInterface
    public interface KeyMaker {
        /// A fresh RSA pair of 2048 bits; may take a second.
        KeyPair make();
    }

    public RegionKeys(Catalog catalog, Vault vault, KeyMaker maker) {
        this.catalog = catalog;
        this.vault = vault;
        this.maker = maker;
    }

    /// The signer of a region for a digest that ends at a time; a key is made where none is in use.
    public Signer signer(String region, Instant at) throws CatalogException {
        for (Document document : documents(region).reversed()) {
            if (inUse(published(document), at)) {
                return signer(document);
            }
        }
        return signer(make(region, at));
    }

    /// The signer with a fingerprint: for a digest that was begun with it.
    public Signer signer(String region, String fingerprint) throws CatalogException {
        for (Document document : documents(region).reversed()) {
            if (Fields.of(document).text("fingerprint").equals(fingerprint)) {
                return signer(document);
            }
        }
        throw new CatalogException(
                Kind.CORRUPT, "expected the digest key %s of %s".formatted(fingerprint, region));
    }

    /// The keys of a region that may have signed within a time, both ends included, oldest first.
    public List<PublishedKey> published(String region, Instant start, Instant end)
            throws CatalogException {
        List<PublishedKey> keys = new ArrayList<>();
        for (Document document : documents(region)) {
            PublishedKey key = published(document);
            if (key.validWithin(start, end)) {
                keys.add(key);
            }
        }
        return keys;
    }

    private static boolean inUse(PublishedKey key, Instant at) {
        return !at.isBefore(key.from()) && at.isBefore(key.until().minus(OVERLAP));
    }

    private Document make(String region, Instant at) throws CatalogException {
        Instant from = at.minus(EARLIER).truncatedTo(ChronoUnit.SECONDS);
        KeyPair pair = maker.make(); // Outside the transaction: it takes its time.
        RSAPublicKey rsa = (RSAPublicKey) pair.getPublic();
        byte[] pkcs1 = PublishedKey.pkcs1(rsa);
        String fingerprint = new PublishedKey(pkcs1, from, from).fingerprint();
        String key = region + '/' + Digest.time(from) + '/' + fingerprint;
        Secret secret =
                new Secret(Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()));
        Fields fields =
                Fields.none()
                        .with("fingerprint", fingerprint)
                        .with("pkcs1", Base64.getEncoder().encodeToString(pkcs1))
                        .with("from", from.toString())
                        .with("until", from.plus(EARLIER).plus(VALIDITY).toString());
        String json = Sealed.DIGEST_KEY.with(fields, key, secret, vault).json();
        return catalog.<Document, RuntimeException>write(tx -> {
            // Someone else may have made one meanwhile: then that one signs.
            for (Document document : tx.list(KIND, region + '/', "", PAGE).reversed()) {
                if (inUse(published(document), at)) {
                    return document;
                }
            }
            tx.create(KIND, key, json);
            return new Document(KIND, key, 1, json);
        });
    }

    /// In order of their first day.
    private List<Document> documents(String region) throws CatalogException {
        List<Document> all = new ArrayList<>();
        List<Document> page = catalog.list(KIND, region + '/', "", PAGE);
        while (!page.isEmpty()) {
            all.addAll(page);
            page = catalog.list(KIND, region + '/', page.getLast().key(), PAGE);
        }
        return all;
    }

    private static PublishedKey published(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new PublishedKey(
                Base64.getDecoder().decode(fields.text("pkcs1")),
                Instant.parse(fields.text("from")),
                Instant.parse(fields.text("until")));
    }

    private Signer signer(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        Secret secret = Sealed.DIGEST_KEY.open(document.key(), fields, vault);
        try {
            PrivateKey key =
                    KeyFactory.getInstance("RSA")
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(
                                            Base64.getDecoder().decode(secret.reveal())));
            return new RsaSigner(fields.text("fingerprint"), key);
        } catch (GeneralSecurityException e) {
            throw new CatalogException(
                    Kind.CORRUPT,
                    "expected the digest key %s to be an RSA key".formatted(document.key()),
                    e);
        }
    }

    private record RsaSigner(String fingerprint, PrivateKey key) implements Signer {
        @Override
        public String sign(String text) {
            try {
                Signature signature = Signature.getInstance(Digest.SIGNATURE_ALGORITHM);
                signature.initSign(key);
                signature.update(text.getBytes(UTF_8));
                return HexFormat.of().formatHex(signature.sign());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("expected a key that signs", e);
            }
        }

        @Override
        public String toString() {
            return "RsaSigner[" + fingerprint + "]";
        }
    }
}
