package dev.cairn.digest;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import java.io.IOException;
import java.util.Optional;
import java.util.zip.ZipException;

/// Puts a packed object so that trying again does no harm: a key that is taken is compared.
public final class PutOnce {
    /// Fewer bytes cannot be gzip.
    private static final int GZIP_BYTES_MIN = 18;

    private PutOnce() {}

    /// Where an object goes.
    public record Address(String bucket, String key) {}

    /// Puts an object.
    ///
    /// @param at the address that was decided, perhaps tried before
    /// @param wanted where it would go if it were decided now; another one when the trail was given
    ///   another bucket meanwhile
    /// @param packed gzip
    /// @param hash SHA-256 of what is packed, lower-case hex
    /// @return true when the object is there with that content and metadata; false when it is not
    ///   and this address is of no more use: the key is taken by something else, or the bucket
    ///   refuses and another one is wanted
    /// @throws ArchiveException when neither is known; then try again with the same bytes
    public static boolean put(
            Archive archive,
            Archive.Writer as,
            Address at,
            Address wanted,
            byte[] packed,
            Archive.Description type,
            String hash)
            throws ArchiveException {
        try {
            return switch (archive.putIfAbsent(as, at.bucket(), at.key(), packed, type)) {
                case STORED -> true;
                case TAKEN ->
                        compare(archive, at, type, hash)
                                .orElseThrow(() ->
                                        new ArchiveException(
                                                Kind.UNAVAILABLE,
                                                "NoSuchKey",
                                                at.key() + " was taken, and is gone"));
            };
        } catch (ArchiveException refused) {
            if (at.equals(wanted)) {
                throw refused;
            }
            return switch (refused.kind()) {
                case NO_SUCH_BUCKET -> false; // A bucket that is gone holds nothing.
                case DENIED ->
                        isThere(archive, at, type, hash); // An earlier try may have stored it.
                case TIMEOUT, UNAVAILABLE, CORRUPT -> throw refused;
            };
        }
    }

    /// Whether a key holds that content with that metadata.
    ///
    /// @throws ArchiveException when that cannot be told
    public static boolean isThere(
            Archive archive, Address at, Archive.Description type, String hash)
            throws ArchiveException {
        return compare(archive, at, type, hash).orElse(false);
    }

    /// Empty when there is no such object.
    private static Optional<Boolean> compare(
            Archive archive, Address at, Archive.Description type, String hash)
            throws ArchiveException {
        Optional<Archive.Content> there = archive.get(at.bucket(), at.key());
        if (there.isEmpty()) {
            return Optional.empty();
        }
        try (Archive.Content content = there.get()) {
            return Optional.of(
                    content.length() >= GZIP_BYTES_MIN
                            && content.description()
                                    .metadata()
                                    .entrySet()
                                    .containsAll(type.metadata().entrySet())
                            && Gzip.unpackedHash(content.bytes()).equals(hash));
        } catch (ZipException _) {
            return Optional.of(false);
        } catch (IOException e) {
            throw new ArchiveException(
                    Kind.UNAVAILABLE,
                    "InternalError",
                    at.key() + " is taken, and cannot be read to be compared",
                    e);
        }
    }
}
