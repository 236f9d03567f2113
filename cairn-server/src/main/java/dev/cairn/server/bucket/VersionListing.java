package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.ListedVersion;
import dev.cairn.archive.ObjectStore.Stored;
import java.util.ArrayList;
import java.util.List;

/// A page of a bucket's versions and delete markers, with keys that share a prefix up to a
/// delimiter rolled up into one line, as [Listing] does it.
///
/// @param lastKey what the next page starts behind; empty when this is the last one
/// @param lastVersion of `lastKey`; empty when the next page starts behind all of its versions
record VersionListing(
        List<ListedVersion> versions, List<String> prefixes, String lastKey, String lastVersion) {

    /// @param after the key or common prefix that the page before ended with; empty for the first
    /// @param afterVersion the version of `after` that it ended with; empty for a common prefix
    static VersionListing of(
            ObjectStore store,
            String bucket,
            String prefix,
            String delimiter,
            String after,
            String afterVersion,
            int max)
            throws ArchiveException {
        var versions = new ArrayList<ListedVersion>();
        var prefixes = new ArrayList<String>();
        String last = "";
        String lastVersion = "";
        String behind = Listing.behind(after, prefix, delimiter);
        String behindVersion = afterVersion;
        while (max > 0) {
            // One more than wanted tells whether there are more.
            int want = Math.min(max - versions.size() - prefixes.size() + 1, Listing.MAX);
            List<ListedVersion> found = store.versions(bucket, prefix, behind, behindVersion, want);
            boolean rolled = false;
            for (ListedVersion version : found) {
                if (versions.size() + prefixes.size() == max) {
                    return new VersionListing(versions, prefixes, last, lastVersion);
                }
                Stored object = version.object();
                int at =
                        delimiter.isEmpty() ? -1 : object.key().indexOf(delimiter, prefix.length());
                if (at < 0) {
                    versions.add(version);
                    last = object.key();
                    lastVersion = object.version().id();
                    behind = last;
                    behindVersion = lastVersion;
                } else {
                    last = object.key().substring(0, at + delimiter.length());
                    lastVersion = "";
                    prefixes.add(last);
                    behind = last + Listing.BEHIND;
                    behindVersion = "";
                    rolled = true;
                    break;
                }
            }
            if (!rolled && found.size() < want) {
                break;
            }
        }
        return new VersionListing(versions, prefixes, "", "");
    }

    boolean more() {
        return !lastKey.isEmpty();
    }

    void write(ObjectNode answer, String owner, boolean encoded) {
        var entries = answer.putArray("Versions");
        var markers = answer.putArray("DeleteMarkers");
        for (ListedVersion version : versions) {
            Stored object = version.object();
            boolean marker = object.version().marker();
            ObjectNode entry = marker ? markers.addObject() : entries.addObject();
            if (!marker) {
                entry.put("ETag", '"' + object.etag() + '"')
                        .put("Size", object.length())
                        .put("StorageClass", object.storage().type().name());
            }
            entry.put("Key", Listing.encoded(object.key(), encoded))
                    .put("VersionId", object.version().id())
                    .put("IsLatest", version.latest())
                    .put("LastModified", object.stored().toEpochMilli() / 1000.0);
            entry.putObject("Owner").put("ID", owner);
        }
        var common = answer.putArray("CommonPrefixes");
        prefixes.forEach(
                prefix -> common.addObject().put("Prefix", Listing.encoded(prefix, encoded)));
    }
}
