package dev.cairn.testkit.proof;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// One bucket in memory that anyone may change, as whoever holds full rights on a real one may.
/// Keys must be ASCII, so that their order is that of their bytes.
public final class MapBuckets implements Buckets {
    private final String bucket;
    private final NavigableMap<String, Item> items = new TreeMap<>();
    private final Set<String> away = new HashSet<>();

    public MapBuckets(String bucket) {
        this.bucket = bucket;
    }

    /// What lies under a key.
    public static final class Item {
        private final byte[] bytes;
        private final Map<String, String> metadata;

        /// @param bytes not copied
        public Item(byte[] bytes, Map<String, String> metadata) {
            this.bytes = bytes;
            this.metadata = Map.copyOf(metadata);
        }

        public byte[] bytes() {
            return bytes;
        }

        public Map<String, String> metadata() {
            return metadata;
        }
    }

    /// The bucket's objects, to be changed at will.
    public NavigableMap<String, Item> items() {
        return items;
    }

    /// Keys that are listed and not given, as by a store that does not answer for a while.
    public Set<String> away() {
        return away;
    }

    /// As in a store that reads several at once; few, so that they do not come out even.
    @Override
    public int together() {
        return 7;
    }

    @Override
    public synchronized Optional<Archive.Content> get(String from, String key)
            throws ArchiveException {
        check(from);
        if (away.contains(key)) {
            throw new ArchiveException(
                    ArchiveException.Kind.UNAVAILABLE, "SlowDown", "the store is busy");
        }
        return Optional.ofNullable(items.get(key))
                .map(item ->
                        new Archive.Content(
                                item.bytes().length,
                                Instant.EPOCH,
                                new Archive.Description(
                                        "application/json", "gzip", item.metadata()),
                                new ByteArrayInputStream(item.bytes())));
    }

    @Override
    public synchronized Archive.Page list(String from, String prefix, String after, int max)
            throws ArchiveException {
        check(from);
        List<Archive.Listed> page = new ArrayList<>();
        String start = after.compareTo(prefix) < 0 ? prefix : after;
        for (var entry : items.tailMap(start, !start.equals(after) || after.isEmpty()).entrySet()) {
            if (!entry.getKey().startsWith(prefix)) {
                break;
            }
            if (page.size() == max) {
                return new Archive.Page(page, true);
            }
            page.add(
                    new Archive.Listed(
                            entry.getKey(), entry.getValue().bytes().length, Instant.EPOCH));
        }
        return new Archive.Page(page, false);
    }

    private void check(String from) throws ArchiveException {
        if (!from.equals(bucket)) {
            throw new ArchiveException(
                    ArchiveException.Kind.NO_SUCH_BUCKET, "NoSuchBucket", "no bucket " + from);
        }
    }
}
