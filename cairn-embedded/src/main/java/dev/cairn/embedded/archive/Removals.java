package dev.cairn.embedded.archive;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Relock;
import dev.cairn.archive.ObjectStore.Relocking;
import dev.cairn.archive.ObjectStore.Removal;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Version;
import dev.cairn.embedded.archive.DiskDraft.Still;
import java.util.ArrayList;
import java.util.Optional;

/// How versions go, and how their locks change: by a caller's word or by a rule's.
///
/// Whether a lock keeps one is asked of the [Guard] within the transaction that removes it.
final class Removals {
    private static final Still ALWAYS = _ -> true;

    private final Drafts drafts;
    private final BucketIndex index;
    private final Guard guard;

    Removals(Drafts drafts) {
        this.drafts = drafts;
        this.index = drafts.index();
        this.guard = drafts.guard();
    }

    /// See [ObjectStore#remove(String, String)].
    Removal remove(String bucket, String key) throws ArchiveException {
        if (!ObjectStore.isKey(key)) {
            return new Removal.Absent();
        }
        Keeping keeping = index.bucket(bucket).keeping();
        return keeping.versioning() == Versioning.OFF
                ? remove(bucket, keeping, key, Version.NULL, false, ALWAYS)
                : mark(bucket, keeping, key, ALWAYS);
    }

    private Removal mark(String bucket, Keeping keeping, String key, Still still)
            throws ArchiveException {
        try (DiskDraft draft = drafts.open(bucket)) {
            return draft.mark(key, keeping, still);
        }
    }

    /// See [ObjectStore#expire].
    Removal expire(String bucket, Stored found, boolean latest) throws ArchiveException {
        Keeping keeping = index.bucket(bucket).keeping();
        // Neither what was put over it meanwhile, nor what is its key's newest by now.
        Still still =
                tx ->
                        Versions.there(tx, bucket, found).isPresent()
                                && latest
                                        == Versions.newest(tx, bucket, found.key())
                                                .filter(it -> it.file().equals(found.file()))
                                                .isPresent();
        boolean kept = keeping.versioning() != Versioning.OFF && !found.version().marker();
        return latest && kept
                ? mark(bucket, keeping, found.key(), still)
                : remove(bucket, keeping, found.key(), found.version().id(), false, still);
    }

    /// See [ObjectStore#remove(String, String, String, boolean)].
    Removal remove(String bucket, String key, String version, boolean bypass)
            throws ArchiveException {
        return ObjectStore.isKey(key)
                ? remove(bucket, index.bucket(bucket).keeping(), key, version, bypass, ALWAYS)
                : new Removal.Absent();
    }

    private Removal remove(
            String bucket, Keeping keeping, String key, String version, boolean bypass, Still still)
            throws ArchiveException {
        var gone = new ArrayList<String>();
        Removal removal =
                index.in(
                        bucket,
                        tx -> {
                            index.checkSame(bucket, keeping);
                            Optional<Stored> found = Versions.find(tx, bucket, key, version);
                            if (found.isEmpty() || !still.holds(tx)) {
                                return new Removal.Absent();
                            }
                            if (guard.mustStay(tx, found.get(), bypass)) {
                                return new Removal.Protected();
                            }
                            Versions.take(tx, bucket, found.get());
                            gone.addAll(Rows.release(tx, found.get().file()));
                            return new Removal.Removed(found.get().version());
                        });
        drafts.files().remove(gone);
        return removal;
    }

    /// See [ObjectStore#lock].
    Relocking lock(String bucket, String key, String version, Relock wanted, boolean bypass)
            throws ArchiveException {
        Optional<Stored> found = index.find(bucket, key, version);
        if (found.isEmpty() || found.get().version().marker()) {
            return new Relocking.Absent();
        }
        Lock now = found.get().lock();
        Lock lock = wanted.of(now);
        if (!now.mayBecome(lock.retention(), guard.now(), bypass)) {
            return new Relocking.Refused();
        }
        if (lock.equals(now)) {
            return new Relocking.Relocked();
        }
        // What protects an object is never in the index alone.
        try (DiskDraft draft = drafts.open(bucket)) {
            return draft.relock(found.get(), lock, bypass);
        }
    }
}
