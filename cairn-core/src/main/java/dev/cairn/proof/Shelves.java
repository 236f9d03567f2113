package dev.cairn.proof;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// Finds the accounts and regions whose files stand in a bucket, without reading all of its keys:
/// it skips from folder to folder.
final class Shelves {
    /// A bucket that holds other things as well may have no end of folders.
    static final int FOLDERS_MAX = 10_000;

    /// Keys that are asked for where folders are looked for: the first one tells.
    private static final int FIRST_KEYS = 4;

    private final Buckets buckets;
    private final String bucket;
    private final SortedSet<Shelf> shelves = new TreeSet<>();
    private int folders;

    private Shelves(Buckets buckets, String bucket) {
        this.buckets = buckets;
        this.bucket = bucket;
    }

    /// @throws IllegalArgumentException when the prefix reaches below a region's folder, or there
    ///   are too many folders below it
    static SortedSet<Shelf> find(Buckets buckets, String bucket, String prefix)
            throws ArchiveException {
        Shelves found = new Shelves(buckets, bucket);
        found.descend(prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/");
        return found.shelves;
    }

    private void descend(String folder) throws ArchiveException {
        List<String> parts = List.of(folder.split("/"));
        int logs = parts.indexOf("AWSLogs");
        List<String> below = logs < 0 ? List.of() : parts.subList(logs + 1, parts.size());
        int organization = !below.isEmpty() && below.getFirst().startsWith("o-") ? 1 : 0;
        if (logs >= 0 && below.size() == organization + 3) {
            shelf(folder, below.subList(organization, below.size()));
            return;
        }
        if (below.size() > organization + 3) {
            throw new IllegalArgumentException(
                    "expected a prefix that reaches down to a region's folder at most, got "
                            + folder);
        }
        for (String child : children(folder)) {
            if (logs < 0 || belongs(below.size() - organization, child)) {
                descend(folder + child + "/");
            }
        }
    }

    private static boolean belongs(int level, String child) {
        return switch (level) {
            case 0 -> child.matches("[0-9]{12}|o-[a-z0-9]+");
            case 1 -> child.equals(Shelf.DIGESTS) || Shelf.LOGS.contains(child);
            default -> true;
        };
    }

    private void shelf(String folder, List<String> parts) {
        if (belongs(0, parts.get(0)) && belongs(1, parts.get(1))) {
            String tail = parts.get(1) + "/" + parts.get(2) + "/";
            shelves.add(
                    new Shelf(
                            folder.substring(0, folder.length() - tail.length()),
                            parts.get(0),
                            parts.get(2)));
        }
    }

    private List<String> children(String folder) throws ArchiveException {
        List<String> children = new ArrayList<>();
        String after = "";
        boolean more = true;
        int max = FIRST_KEYS;
        while (more) {
            Archive.Page page = buckets.list(bucket, folder, after, max);
            more = page.more() && !page.objects().isEmpty();
            int before = children.size();
            for (Archive.Listed listed : page.objects()) {
                String key = listed.key();
                if (compare(key, after) <= 0) {
                    continue;
                }
                int slash = key.indexOf('/', folder.length());
                if (slash < 0) {
                    after = key;
                } else {
                    children.add(key.substring(folder.length(), slash));
                    // The character behind the slash: past every key of this folder.
                    after = key.substring(0, slash) + '0';
                    if (++folders > FOLDERS_MAX) {
                        throw new IllegalArgumentException(
                                "expected at most %d folders, found more below %s: name a prefix"
                                        .formatted(FOLDERS_MAX, folder));
                    }
                }
            }
            // Objects beside the folders, perhaps many.
            max = children.size() > before ? FIRST_KEYS : Buckets.LIST_MAX;
        }
        return children;
    }

    /// By bytes, as listings are ordered.
    private static int compare(String a, String b) {
        return Arrays.compareUnsigned(
                a.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                b.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
