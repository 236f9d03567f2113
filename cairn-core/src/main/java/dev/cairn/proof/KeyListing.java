package dev.cairn.proof;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The keys of a folder in order, a page of them in memory at a time.
final class KeyListing {
    private final Buckets buckets;
    private final String bucket;
    private final String folder;
    private List<Archive.Listed> page = List.of();
    private int at;
    private String after;
    private String taken;
    private boolean more = true;

    /// @param after where to begin: behind this key
    KeyListing(Buckets buckets, String bucket, String folder, String after) {
        this.buckets = buckets;
        this.bucket = bucket;
        this.folder = folder;
        this.after = after;
        this.taken = after;
    }

    String folder() {
        return folder;
    }

    /// The next key, which [#take] then passes; null when there is none.
    @Nullable String peek() throws ArchiveException {
        while (true) {
            while (at < page.size()) {
                String key = page.get(at).key();
                // Consoles make empty objects to show folders that are empty.
                if (!key.endsWith("/")) {
                    return key;
                }
                at++;
            }
            if (!more) {
                return null;
            }
            Archive.Page next = buckets.list(bucket, folder, after, Buckets.LIST_MAX);
            page = next.objects();
            at = 0;
            more = next.more();
            if (!page.isEmpty()) {
                after = page.getLast().key();
            } else if (more) {
                throw new ArchiveException(
                        ArchiveException.Kind.CORRUPT,
                        "EmptyPage",
                        "expected keys in a listing that says it goes on");
            }
        }
    }

    /// Passes the key that [#peek] gave.
    Archive.Listed take() {
        Archive.Listed object = page.get(at++);
        taken = object.key();
        return object;
    }

    /// Whether a key, if it is there at all, is still to come.
    boolean isAhead(String key) {
        return key.startsWith(folder) && key.compareTo(taken) > 0;
    }
}
