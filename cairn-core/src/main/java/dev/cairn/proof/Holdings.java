package dev.cairn.proof;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Everything in a bucket that a verification would read: digests and log files of a scope, and
/// whatever stands among them.
public final class Holdings {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("uuuu/MM/dd");

    private Holdings() {}

    /// Takes what is found, one at a time, in no order that matters.
    ///
    /// @param <X> what it may throw
    @FunctionalInterface
    public interface Taker<X extends Exception> {
        void take(Archive.Listed object) throws X;
    }

    /// Lists a scope; memory does not grow with it. With `since`, from the start of its day on.
    ///
    /// @throws ArchiveException when the bucket cannot be listed
    /// @throws IllegalArgumentException as [Verification#verify] does
    public static <X extends Exception> void each(Buckets buckets, Scope scope, Taker<X> taker)
            throws ArchiveException, X {
        for (Shelf shelf : Verification.shelves(buckets, scope)) {
            List<String> folders = new ArrayList<>();
            folders.add(shelf.digestFolder());
            Shelf.LOGS.forEach(kind -> folders.add(shelf.logFolder(kind)));
            for (String folder : folders) {
                KeyListing listing =
                        new KeyListing(buckets, scope.bucket(), folder, start(folder, scope));
                while (listing.peek() != null) {
                    taker.take(listing.take());
                }
            }
        }
    }

    private static String start(String folder, Scope scope) {
        Optional<Instant> since = scope.since();
        return since.isEmpty()
                ? ""
                : folder + DAY.format(LocalDate.ofInstant(since.get(), ZoneOffset.UTC));
    }
}
