package dev.cairn.topic;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.CatalogException.Kind;
import dev.cairn.catalog.Fields;
import dev.cairn.catalog.Sealed;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Vault;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The key that signs messages, RSA of 2048 bits, with a certificate that it signed itself and that
/// anyone may fetch. One key serves all topics. A successor is made when the certificate is about
/// to end, and no certificate is removed.
///
/// Kept in the catalog, the private half sealed by the [Vault]. Any thread may call any method.
public final class TopicKeys implements Signing {
    /// Where certificates are published; the name follows.
    public static final String PATH = "/certificates/";

    private static final Duration VALIDITY = Duration.ofDays(3650);
    private static final Duration OVERLAP = Duration.ofDays(30);
    private static final Duration EARLIER = Duration.ofHours(1);
    private static final String KIND = Sealed.TOPIC_KEY.kind();

    private final Catalog catalog;
    private final Vault vault;
    private final Supplier<KeyPair> maker;
    private volatile @Nullable Held held;

    private record Held(String name, PrivateKey key, Instant until) {
        @Override
        public String toString() {
            return "Held[" + name + "]";
        }
    }

    /// @param maker makes an RSA pair of 2048 bits
    public TopicKeys(Catalog catalog, Vault vault, Supplier<KeyPair> maker) {
        this.catalog = catalog;
        this.vault = vault;
        this.maker = maker;
    }

    @Override
    public void prepare(Instant now) throws CatalogException {
        Held known = held;
        if (known != null && now.isBefore(known.until())) {
            return;
        }
        Optional<Document> usable = usable(catalog.list(KIND, "", "", Catalog.LIMIT_MAX), now);
        held = held(usable.isPresent() ? usable.get() : make(now));
    }

    @Override
    public String sign(String signatureVersion, String text) {
        try {
            Signature signature =
                    Signature.getInstance(
                            signatureVersion.equals("2") ? "SHA256withRSA" : "SHA1withRSA");
            signature.initSign(prepared().key());
            signature.update(text.getBytes(UTF_8));
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("expected a key that signs", e);
        }
    }

    @Override
    public String certificatePath() {
        return PATH + prepared().name();
    }

    /// A certificate in PEM, by the name that follows [#PATH].
    public Optional<String> certificate(String name) throws CatalogException {
        if (!name.matches("SimpleNotificationService-[0-9a-f]{32}\\.pem")) {
            return Optional.empty();
        }
        for (Document document : catalog.list(KIND, "", "", Catalog.LIMIT_MAX)) {
            if (Fields.of(document).text("name").equals(name)) {
                return Optional.of(Fields.of(document).text("certificate"));
            }
        }
        return Optional.empty();
    }

    private Held prepared() {
        Held known = held;
        if (known == null) {
            throw new IllegalStateException("expected a key that was prepared before it signs");
        }
        return known;
    }

    private static Optional<Document> usable(List<Document> documents, Instant now)
            throws CatalogException {
        for (Document document : documents.reversed()) {
            if (now.isBefore(signsUntil(document))) {
                return Optional.of(document);
            }
        }
        return Optional.empty();
    }

    private static Instant signsUntil(Document document) throws CatalogException {
        return Instant.parse(Fields.of(document).text("until")).minus(OVERLAP);
    }

    private Document make(Instant now) throws CatalogException {
        KeyPair pair = maker.get(); // Outside the transaction: it takes its time.
        Instant from = now.minus(EARLIER).truncatedTo(ChronoUnit.SECONDS);
        Instant until = from.plus(VALIDITY);
        String certificate;
        String name;
        try {
            certificate =
                    SelfSigned.pem(
                            pair, "Cairn", BigInteger.valueOf(from.getEpochSecond()), from, until);
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(pair.getPublic().getEncoded());
            name =
                    "SimpleNotificationService-%s.pem"
                            .formatted(HexFormat.of().formatHex(hash, 0, 16));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("expected a key that signs", e);
        }
        String key = from.toString();
        Secret secret =
                new Secret(Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()));
        Fields fields =
                Fields.none()
                        .with("name", name)
                        .with("certificate", certificate)
                        .with("until", until.toString());
        String json = Sealed.TOPIC_KEY.with(fields, key, secret, vault).json();
        return catalog.<Document, RuntimeException>write(tx -> {
            // Someone else may have made one meanwhile: then that one signs.
            Optional<Document> other = usable(tx.list(KIND, "", "", Catalog.LIMIT_MAX), now);
            if (other.isPresent()) {
                return other.get();
            }
            tx.create(KIND, key, json);
            return new Document(KIND, key, 1, json);
        });
    }

    private Held held(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        Secret secret = Sealed.TOPIC_KEY.open(document.key(), fields, vault);
        try {
            PrivateKey key =
                    KeyFactory.getInstance("RSA")
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(
                                            Base64.getDecoder().decode(secret.reveal())));
            return new Held(fields.text("name"), key, signsUntil(document));
        } catch (GeneralSecurityException e) {
            throw new CatalogException(
                    Kind.CORRUPT,
                    "expected the topic key %s to be an RSA key".formatted(document.key()),
                    e);
        }
    }
}
