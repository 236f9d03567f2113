package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Version;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Says what is locked: whatever removes a version, or puts something in its place, asks here.
final class Guard {
    private final KeepingClock time;

    Guard(KeepingClock time) {
        this.time = time;
    }

    /// The time that retention counts on.
    KeepingClock time() {
        return time;
    }

    /// The time that retention counts on, now.
    Instant now() throws ArchiveException {
        try {
            return time.now();
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    /// Whether a version's lock keeps it. All that removes one asks here, in the transaction that
    /// does it.
    boolean mustStay(Transaction tx, Stored object, boolean bypass) throws CatalogException {
        if (object.lock().equals(Lock.NONE)) {
            return false;
        }
        if (object.lock().protects(time.now(tx), bypass)) {
            return true;
        }
        time.mark(tx);
        return false;
    }

    /// Whether a version's lock may become another one. All that changes one asks here, in the
    /// transaction that does it. A retention that is changed because it is over has let something
    /// go, as one that no longer keeps a version has.
    boolean mayBecome(Transaction tx, Stored object, Lock wanted, boolean bypass)
            throws CatalogException {
        Instant now = time.now(tx);
        if (!object.lock().mayBecome(wanted.retention(), now, bypass)) {
            return false;
        }
        boolean over = object.lock().retention().filter(it -> !it.binds(now)).isPresent();
        if (over && !wanted.retention().equals(object.lock().retention())) {
            time.mark(tx);
        }
        return true;
    }

    /// @throws ArchiveException DENIED when its lock keeps a version
    void checkMayGo(Transaction tx, Stored object) throws CatalogException, ArchiveException {
        if (mustStay(tx, object, false)) {
            throw new ArchiveException(
                    ArchiveException.Kind.DENIED,
                    "AccessDenied",
                    "Access Denied because object protected by object lock.");
        }
    }

    /// Makes room for a version called `null`: there is one at most.
    void removeNull(Transaction tx, String bucket, String key, List<String> gone)
            throws CatalogException, ArchiveException {
        Optional<Stored> old = Versions.find(tx, bucket, key, Version.NULL);
        if (old.isPresent()) {
            checkMayGo(tx, old.get());
            Versions.take(tx, bucket, old.get());
            gone.addAll(Rows.release(tx, old.get().file()));
        }
    }

    /// The lock of something that is stored now.
    Lock locked(Keeping keeping, Lock wanted) throws ArchiveException {
        return keeping.retention().isPresent() && wanted.retention().isEmpty()
                ? wanted.with(Optional.of(keeping.retention().get().from(now())))
                : wanted;
    }
}
