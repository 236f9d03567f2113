package dev.cairn.proof;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import dev.cairn.digest.Hashes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Counts the records that a trail's files hold, read from its bucket, by what its server knows of
/// them.
///
/// A server knows the hash of the newest digest of each run, and of the files that no digest names.
/// A digest names its files, and the digest before it, with their hashes: so nothing is believed of
/// the bucket, and no signature is needed. Unlike a [Verification] it says nothing of files that
/// are there besides.
///
/// Holds one digest, and a piece of one file, at a time.
public final class Recount {
    /// AWS cuts log files at 50 MB.
    private static final long FILE_BYTES_MAX = 1L << 30;

    private static final long DIGEST_BYTES_MAX = 256L << 20;

    /// Findings that are told in words; all are counted.
    static final int FINDINGS_MAX = 100;

    private final Buckets buckets;
    private final Progress progress;
    private final Set<Place> ends = new HashSet<>();
    private final List<Finding> findings = new ArrayList<>();
    private long digests;
    private long files;
    private long records;
    private long found;

    private Recount(Buckets buckets, Progress progress) {
        this.buckets = buckets;
        this.progress = progress;
    }

    /// An object that was written.
    ///
    /// @param hash lower-case hex SHA-256 of its unpacked bytes
    public record Written(String bucket, String key, String hash) {}

    private record Place(String bucket, String key) {
        static Place of(Written object) {
            return new Place(object.bucket(), object.key());
        }
    }

    /// Told after each object.
    @FunctionalInterface
    public interface Progress {
        /// @param digests read so far
        /// @param files read so far, whatever came of it
        /// @param records counted so far
        /// @throws IOException to break it off
        void at(long digests, long files, long records) throws IOException;
    }

    /// What was counted.
    ///
    /// @param files that were looked for
    /// @param records in those that are what was written
    /// @param findings what is missing, changed or cannot be read; the first [#FINDINGS_MAX]
    /// @param found how many findings there are. A digest among them hides the files that it and
    ///   those before it name
    public record Result(long files, long records, List<Finding> findings, long found) {
        public Result {
            findings = List.copyOf(findings);
        }
    }

    /// Counts.
    ///
    /// @param ends the newest digest of each run; one is followed back to the start of its run, or
    ///   to another of these
    /// @param unnamed files that no digest names
    /// @throws IOException what `progress` throws
    public static Result of(
            Buckets buckets, List<Written> ends, List<Written> unnamed, Progress progress)
            throws IOException {
        Recount recount = new Recount(buckets, progress);
        ends.forEach(end -> recount.ends.add(Place.of(end)));
        for (Written end : ends) {
            recount.follow(end);
        }
        for (Written file : unnamed) {
            recount.file(file);
        }
        return new Result(recount.files, recount.records, recount.findings, recount.found);
    }

    private void follow(Written end) throws IOException {
        Optional<Written> next = Optional.of(end);
        while (next.isPresent()) {
            Optional<DigestDocument> digest = digest(next.get());
            digests++;
            progress.at(digests, files, records);
            if (digest.isEmpty()) {
                return;
            }
            for (DigestDocument.Sealed file : digest.get().files()) {
                file(new Written(file.bucket(), file.key(), file.hash()));
            }
            next =
                    digest.get()
                            .previous()
                            .map(before ->
                                    new Written(before.bucket(), before.key(), before.hash()))
                            .filter(before -> !ends.contains(Place.of(before)));
        }
    }

    private Optional<DigestDocument> digest(Written digest) {
        var json = new ByteArrayOutputStream();
        if (!read(digest, DIGEST_BYTES_MAX, json::write)) {
            return Optional.empty();
        }
        try {
            return Optional.of(DigestDocument.parse(json.toByteArray()));
        } catch (Malformed e) {
            throw new IllegalStateException(
                    "expected a digest with the hash of one of ours to be one", e);
        }
    }

    private void file(Written file) throws IOException {
        RecordCount count = new RecordCount();
        if (read(file, FILE_BYTES_MAX, count)) {
            records += count.records();
        }
        files++;
        progress.at(digests, files, records);
    }

    /// @return whether it is what was written
    private boolean read(Written object, long bytesMax, Gunzip.Sink sink) {
        MessageDigest digest = Hashes.sha256();
        try (Archive.Content content = buckets.get(object.bucket(), object.key()).orElse(null)) {
            if (content == null) {
                return wrong(object, Kind.MISSING, "was delivered and is not there");
            }
            Gunzip.unpack(
                    content.bytes(),
                    bytesMax,
                    (bytes, offset, length) -> {
                        digest.update(bytes, offset, length);
                        sink.take(bytes, offset, length);
                    });
        } catch (Malformed e) {
            return wrong(object, Kind.CHANGED, "is not what was delivered: " + e.getMessage());
        } catch (ArchiveException e) {
            return switch (e.kind()) {
                case NO_SUCH_BUCKET ->
                        wrong(object, Kind.MISSING, "was delivered, and its bucket is not there");
                case CORRUPT ->
                        wrong(
                                object,
                                Kind.CHANGED,
                                "the store says it is damaged: " + e.getMessage());
                case DENIED, TIMEOUT, UNAVAILABLE -> unreadable(object, e);
            };
        } catch (IOException e) {
            return unreadable(object, e);
        }
        return HexFormat.of().formatHex(digest.digest()).equals(object.hash())
                || wrong(object, Kind.CHANGED, "is not what was delivered");
    }

    private boolean unreadable(Written object, Exception failure) {
        return wrong(object, Kind.UNREADABLE, "could not be read: " + failure.getMessage());
    }

    /// @return false
    private boolean wrong(Written object, Kind kind, String sentence) {
        found++;
        if (findings.size() < FINDINGS_MAX) {
            findings.add(new Finding(kind, object.bucket(), object.key(), sentence));
        }
        return false;
    }
}
