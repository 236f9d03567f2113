package dev.cairn.archive;

import dev.cairn.archive.Archive.Content;
import dev.cairn.archive.Archive.Description;
import dev.cairn.archive.Archive.Listed;
import dev.cairn.archive.Archive.Writer;
import dev.cairn.archive.ArchiveException.Kind;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/// Copies the objects of a bucket to the bucket of the same name in another archive, byte for byte
/// and with their [Description]: type, encoding and metadata.
///
/// Each is read back from there and held against what is here, by length, SHA-256 and description,
/// those included that were there before. So it may be cut short anywhere and begun again: it
/// returns only when all are there. Nothing is overwritten, and nothing deleted. Older versions,
/// markers, locks and tags are no matter of [Archive], and stay behind; so do `Cache-Control`,
/// `Content-Disposition`, `Content-Language`, `Expires` and checksums that an object was put with.
public final class BucketCopy {
    private static final int PAGE = 1000;
    private static final int BUFFER = 1 << 16;

    private final Archive from;
    private final Archive to;
    private final LongConsumer progress;
    private long objects;
    private long bytes;
    private long copied;

    private BucketCopy(Archive from, Archive to, LongConsumer progress) {
        this.from = from;
        this.to = to;
        this.progress = progress;
    }

    /// What came of it.
    ///
    /// @param objects that are in both places now
    /// @param bytes of them
    /// @param copied how many of them were not there before
    public record Report(long objects, long bytes, long copied) {}

    /// Copies them all.
    ///
    /// @param as who puts them
    /// @param progress is told how many objects are in both places
    /// @throws ArchiveException CORRUPT when there is another object under a key, or what comes
    ///   back is not what was put; NO_SUCH_BUCKET when one of the buckets is not there; as the
    ///   archives
    public static Report run(
            Archive from, Archive to, Writer as, String bucket, LongConsumer progress)
            throws ArchiveException {
        var copy = new BucketCopy(from, to, progress);
        copy.run(as, bucket);
        return new Report(copy.objects, copy.bytes, copy.copied);
    }

    private void run(Writer as, String bucket) throws ArchiveException {
        // Asked first, so that a bucket that is empty here is missed there, too.
        to.list(bucket, "", "", 1);
        String after = "";
        Archive.Page page;
        do {
            page = from.list(bucket, "", after, PAGE);
            for (Listed listed : page.objects()) {
                copy(as, bucket, listed.key());
                after = listed.key();
                progress.accept(objects);
            }
        } while (page.more());
    }

    private void copy(Writer as, String bucket, String key) throws ArchiveException {
        Optional<Told> here = told(from, bucket, key);
        if (here.isEmpty()) {
            return;
        }
        Optional<Told> there = told(to, bucket, key);
        if (there.isEmpty()) {
            put(as, bucket, key);
            there = told(to, bucket, key);
            copied++;
        }
        if (!there.equals(here)) {
            throw new ArchiveException(
                    Kind.CORRUPT,
                    "InternalError",
                    "expected %s as s3://%s/%s at the new place, got %s"
                            .formatted(
                                    here.get().words(),
                                    bucket,
                                    key,
                                    there.map(Told::words).orElse("none")));
        }
        objects++;
        bytes += here.get().length();
    }

    private void put(Writer as, String bucket, String key) throws ArchiveException {
        Optional<Content> found = from.get(bucket, key);
        if (found.isEmpty()) {
            return;
        }
        try (Content content = found.get()) {
            var _ =
                    to.putIfAbsent(
                            as,
                            bucket,
                            key,
                            content.length(),
                            content.bytes(),
                            content.description());
        } catch (IOException e) {
            throw unreadable(bucket, key, e);
        }
    }

    /// What an object is, all of it read.
    private record Told(long length, String sha256, Description description) {
        String words() {
            return "%d bytes with SHA-256 %s, type '%s', encoding '%s', metadata %s"
                    .formatted(
                            length,
                            sha256,
                            description.contentType(),
                            description.contentEncoding(),
                            new TreeMap<>(description.metadata()));
        }
    }

    private static Optional<Told> told(Archive archive, String bucket, String key)
            throws ArchiveException {
        Optional<Content> found = archive.get(bucket, key);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (Content content = found.get()) {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER];
            long length = 0;
            int read = content.bytes().read(buffer);
            while (read >= 0) {
                hash.update(buffer, 0, read);
                length += read;
                read = content.bytes().read(buffer);
            }
            return Optional.of(
                    new Told(
                            length,
                            HexFormat.of().formatHex(hash.digest()),
                            content.description()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        } catch (IOException e) {
            throw unreadable(bucket, key, e);
        }
    }

    private static ArchiveException unreadable(String bucket, String key, IOException e) {
        return new ArchiveException(
                Kind.UNAVAILABLE,
                "ServiceUnavailable",
                "s3://%s/%s cannot be read: %s".formatted(bucket, key, e.getMessage()),
                e);
    }
}
