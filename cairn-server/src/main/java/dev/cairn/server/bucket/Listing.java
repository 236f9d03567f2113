package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.aws.http.Percent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A page of a bucket, with keys that share a prefix up to a delimiter rolled up into one line.
///
/// Costs what it shows: behind a common prefix the index is asked anew, however many keys share it.
///
/// @param last what the next page starts behind; empty when this is the last one
record Listing(List<Stored> objects, List<String> prefixes, String last) {
    static final int MAX = 1000;

    /// Behind every key that starts with what stands before it.
    static final String BEHIND = "\uDBFF\uDFFF";

    static int max(int asked) {
        if (asked < 0) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "Argument max-keys must be an integer between 0 and 2147483647");
        }
        return Math.min(asked, MAX);
    }

    /// @param after the key or common prefix that the page before ended with; empty for the first
    static Listing of(
            ObjectStore store,
            String bucket,
            String prefix,
            String delimiter,
            String after,
            int max)
            throws ArchiveException {
        var objects = new ArrayList<Stored>();
        var prefixes = new ArrayList<String>();
        String last = "";
        String behind = behind(after, prefix, delimiter);
        while (max > 0) {
            // One more than wanted tells whether there are more.
            int want = max - objects.size() - prefixes.size() + 1;
            List<Stored> found = store.objects(bucket, prefix, behind, Math.min(want, MAX));
            boolean rolled = false;
            for (Stored object : found) {
                if (objects.size() + prefixes.size() == max) {
                    return new Listing(objects, prefixes, last);
                }
                int at =
                        delimiter.isEmpty() ? -1 : object.key().indexOf(delimiter, prefix.length());
                if (at < 0) {
                    objects.add(object);
                    last = object.key();
                    behind = last;
                } else {
                    last = object.key().substring(0, at + delimiter.length());
                    prefixes.add(last);
                    behind = last + BEHIND;
                    rolled = true;
                    break;
                }
            }
            if (!rolled && found.size() < Math.min(want, MAX)) {
                break;
            }
        }
        return new Listing(objects, prefixes, "");
    }

    /// Where a page goes on behind a key or common prefix.
    static String behind(String after, String prefix, String delimiter) {
        return isCommon(after, prefix, delimiter) ? after + BEHIND : after;
    }

    private static boolean isCommon(String after, String prefix, String delimiter) {
        return !delimiter.isEmpty()
                && after.startsWith(prefix)
                && after.length() > prefix.length()
                && after.indexOf(delimiter, prefix.length()) == after.length() - delimiter.length();
    }

    boolean more() {
        return !last.isEmpty();
    }

    /// What both versions of the listing answer.
    void write(ObjectNode answer, S3Call call, int max, String owner) {
        boolean encoded = call.text("EncodingType").equals("url");
        answer.put("Name", call.bucket());
        answer.put("Prefix", encoded(call.text("Prefix"), encoded));
        answer.put("MaxKeys", max);
        if (call.has("Delimiter")) {
            answer.put("Delimiter", encoded(call.text("Delimiter"), encoded));
        }
        if (encoded) {
            answer.put("EncodingType", "url");
        }
        answer.put("IsTruncated", more());
        var contents = answer.putArray("Contents");
        for (Stored object : objects) {
            ObjectNode entry = contents.addObject();
            entry.put("Key", encoded(object.key(), encoded));
            entry.put("LastModified", object.stored().toEpochMilli() / 1000.0);
            entry.put("ETag", '"' + object.etag() + '"');
            entry.put("Size", object.length());
            entry.put("StorageClass", object.storage().type().name());
            if (!owner.isEmpty()) {
                entry.putObject("Owner").put("ID", owner);
            }
        }
        var common = answer.putArray("CommonPrefixes");
        prefixes.forEach(prefix -> common.addObject().put("Prefix", encoded(prefix, encoded)));
    }

    static String encoded(String text, boolean really) {
        return really
                ? Percent.encode(text.getBytes(StandardCharsets.UTF_8)).replace("%2F", "/")
                : text;
    }
}
