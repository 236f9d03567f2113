package dev.cairn.proof;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// Reads digests and log files, each whole, and says what is wrong with those that cannot be. What
/// takes time and needs nothing but the one object is done here: several threads may read.
final class ObjectReader {
    /// AWS cuts log files at 50 MB.
    private static final long FILE_BYTES_MAX = 1L << 30;

    private static final long DIGEST_BYTES_MAX = 256L << 20;

    private final Scope scope;
    private final Signatures signatures;

    ObjectReader(Scope scope, Signatures signatures) {
        this.scope = scope;
        this.signatures = signatures;
    }

    /// What came of reading.
    sealed interface Outcome {}

    /// A digest that says it is what lies there.
    ///
    /// @param fault what is wrong with the signature it bears; empty when it holds, or it bears
    ///   none
    record Digest(Link link, Optional<Finding> fault) implements Outcome {}

    /// A log file's content.
    record Hash(String sha256) implements Outcome {}

    /// It is not what it should be, or could not be read.
    record Wrong(Finding finding) implements Outcome {}

    Outcome digest(DigestName name, String key, Buckets.Pending object) {
        try (Archive.Content content = object.open().orElse(null)) {
            if (content == null) {
                return wrong(Kind.MISSING, key, "was listed and is not there");
            }
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            Gunzip.unpack(content.bytes(), DIGEST_BYTES_MAX, json::write);
            DigestDocument document = DigestDocument.parse(json.toByteArray());
            if (!document.key().equals(key)
                    || !document.bucket().equals(scope.bucketOr(document.bucket()))) {
                return wrong(
                        Kind.MOVED,
                        key,
                        "is the digest s3://%s/%s, which does not belong here"
                                .formatted(document.bucket(), document.key()));
            }
            if (!document.account().equals(name.shelf().account())) {
                return wrong(Kind.CHANGED, key, "is a digest of account " + document.account());
            }
            MessageDigest digest = sha256();
            digest.update(json.toByteArray());
            Link link =
                    new Link(
                            name,
                            scope.bucket(),
                            key,
                            document,
                            HexFormat.of().formatHex(digest.digest()),
                            Optional.ofNullable(content.description().metadata().get("signature"))
                                    .map(text -> text.strip().toLowerCase(Locale.ROOT)));
            return new Digest(
                    link, link.signature().flatMap(signature -> signatures.judge(link, signature)));
        } catch (Malformed e) {
            return wrong(Kind.CHANGED, key, "is no digest: " + e.getMessage());
        } catch (ArchiveException | IOException e) {
            return unreadable(key, e);
        }
    }

    Outcome file(DigestDocument.Sealed sealed, Buckets.Pending object) {
        String key = sealed.key();
        try (Archive.Content content = object.open().orElse(null)) {
            if (content == null) {
                return wrong(Kind.MISSING, key, "is sealed in a digest and is not there");
            }
            MessageDigest digest = sha256();
            Gunzip.unpack(content.bytes(), FILE_BYTES_MAX, digest::update);
            return new Hash(HexFormat.of().formatHex(digest.digest()));
        } catch (Malformed e) {
            return wrong(Kind.CHANGED, key, "is not as sealed: " + e.getMessage());
        } catch (ArchiveException | IOException e) {
            return unreadable(key, e);
        }
    }

    private Wrong unreadable(String key, Exception failure) {
        return failure instanceof ArchiveException archive
                        && archive.kind() == ArchiveException.Kind.CORRUPT
                ? wrong(Kind.CHANGED, key, "the store says it is damaged: " + failure.getMessage())
                : wrong(Kind.UNREADABLE, key, "could not be read: " + failure.getMessage());
    }

    private Wrong wrong(Kind kind, String key, String sentence) {
        return new Wrong(new Finding(kind, scope.bucket(), key, sentence));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
