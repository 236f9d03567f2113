package dev.cairn.server.bucket;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Lifecycle;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.ListedVersion;
import dev.cairn.archive.ObjectStore.Removal;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Upload;
import dev.cairn.archive.Storage;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Goes once through all buckets and does what their lifecycle rules say, a page at a time.
///
/// It remembers nothing: what is due is seen from the versions themselves, each removal is one
/// transaction of the store, and a round that was cut short begins anew. For one thread.
public final class LifecycleRound {
    private static final Logger LOG = LoggerFactory.getLogger(LifecycleRound.class);
    private static final int PAGE = 500;

    /// What moves in one step, unless a single object is larger: others wait for it.
    private static final long MOVED_BYTES_MAX = 32 << 20;

    private final BucketRegister buckets;
    private final ObjectStore store;

    // Where it is.
    private String done = "";
    private @Nullable Walk walk;
    private boolean locks;

    public LifecycleRound(BucketRegister buckets, ObjectStore store) {
        this.buckets = buckets;
        this.store = store;
    }

    /// Whether some bucket that it came by has locks.
    public boolean sawLocks() {
        return locks;
    }

    /// Looks at a page at most.
    ///
    /// @return whether there is more to do
    public boolean step() throws CatalogException, ArchiveException {
        Walk current = walk;
        if (current == null) {
            return next();
        }
        // Its rules may have changed, or it may be gone.
        Optional<Lifecycle> rules = buckets.find(current.bucket).flatMap(LifecycleWork::of);
        if (rules.isEmpty() || !current.step(rules.get())) {
            current.tell();
            walk = null;
        }
        return true;
    }

    private boolean next() throws CatalogException {
        for (Bucket bucket : buckets.all(done, Catalog.LIMIT_MAX)) {
            done = bucket.name();
            locks |= bucket.keeping().locked();
            if (!bucket.keeping().lifecycle().isEmpty()) {
                walk = new Walk(bucket.name());
                return true;
            }
        }
        return !buckets.all(done, 1).isEmpty();
    }

    /// The way through one bucket.
    private final class Walk {
        private final String bucket;
        private String key = "";
        private String version = "";
        private boolean versionsDone;
        private @Nullable Upload upload;

        /// The version before, which is the next newer one if it is of the same key.
        private @Nullable Stored before;

        private int older;
        private @Nullable Stored lone;

        private long removed;
        private long kept;
        private long moved;
        private long movedBytes;
        private boolean away;
        private long shut;

        Walk(String bucket) {
            this.bucket = bucket;
        }

        boolean step(Lifecycle rules) throws ArchiveException {
            Instant now = store.keepingTime();
            return versionsDone ? uploads(rules, now) : versions(rules, now);
        }

        private boolean versions(Lifecycle rules, Instant now) throws ArchiveException {
            List<ListedVersion> page = store.versions(bucket, "", key, version, PAGE);
            movedBytes = 0;
            for (ListedVersion one : page) {
                look(one, rules, now);
                key = one.object().key();
                version = one.object().version().id();
                if (movedBytes >= MOVED_BYTES_MAX) {
                    return true;
                }
            }
            if (page.size() < PAGE) {
                settleLone(rules, now);
                versionsDone = true;
            }
            return true;
        }

        private void look(ListedVersion one, Lifecycle rules, Instant now) throws ArchiveException {
            Stored object = one.object();
            Stored newer = before;
            if (one.latest() || newer == null || !newer.key().equals(object.key())) {
                settleLone(rules, now);
                boolean marker = object.version().marker();
                if (one.latest() && !marker && rules.expires(object, tags(object), now)) {
                    expire(object, true);
                } else if (one.latest() && !marker) {
                    cool(object, rules.moves(object, tags(object), now));
                }
                older = 0;
                lone = one.latest() && marker ? object : null;
            } else {
                lone = null;
                if (rules.removes(object, tags(object), newer.stored(), older, now)) {
                    expire(object, false);
                } else {
                    if (!object.version().marker()) {
                        cool(object, rules.moves(object, tags(object), newer.stored(), older, now));
                    }
                    older++;
                }
            }
            before = object;
        }

        /// A marker that turned out to have nothing behind it.
        private void settleLone(Lifecycle rules, Instant now) throws ArchiveException {
            Stored marker = lone;
            lone = null;
            if (marker != null && rules.removesLone(marker, now)) {
                expire(marker, true);
            }
        }

        private void expire(Stored object, boolean latest) throws ArchiveException {
            switch (store.expire(bucket, object, latest)) {
                case Removal.Removed _, Removal.Marked _ -> removed++;
                case Removal.Protected() -> kept++;
                case Removal.Absent() -> {}
            }
        }

        private void cool(Stored object, Optional<Storage.Type> to) throws ArchiveException {
            if (to.isEmpty() || away || !store.hasCold()) {
                return;
            }
            try {
                if (store.cool(bucket, object, to.get())) {
                    moved++;
                    movedBytes += object.length();
                }
            } catch (ArchiveException failure) {
                switch (failure.kind()) {
                    case UNAVAILABLE -> {
                        away = true;
                        LOG.warn(
                                "lifecycle of {}: nothing moves to the colder place in this round: {}",
                                bucket,
                                failure.getMessage());
                    }
                    case CORRUPT ->
                            LOG.error(
                                    "lifecycle of {}: {} stays where it is",
                                    bucket,
                                    object.key(),
                                    failure);
                    case DENIED -> {
                        if (shut == 0) {
                            LOG.warn(
                                    "lifecycle of {}: {} stays where it is until its KMS key may be used: {}",
                                    bucket,
                                    object.key(),
                                    failure.getMessage());
                        }
                        shut++;
                    }
                    case NO_SUCH_BUCKET, TIMEOUT -> throw failure;
                }
            }
        }

        private static Map<String, String> tags(Stored object) {
            return Tags.read(object.header("x-amz-tagging"));
        }

        private boolean uploads(Lifecycle rules, Instant now) throws ArchiveException {
            List<Upload> page = store.uploads(bucket, "", upload, PAGE);
            for (Upload one : page) {
                upload = one;
                if (rules.aborts(one, now) && store.abort(one)) {
                    removed++;
                }
            }
            return page.size() == PAGE;
        }

        void tell() {
            if (removed + kept + moved + shut > 0) {
                LOG.info(
                        "lifecycle of {}: {} expired, {} kept by their locks, {} moved to the colder place, {} not for their KMS keys",
                        bucket,
                        removed,
                        kept,
                        moved,
                        shut);
            }
        }
    }
}
