package dev.cairn.proof;

import java.util.List;

/// Where the files of one account in one region stand in a bucket.
///
/// @param base the key up to and with the account's folder: `prefix/AWSLogs/123456789012/`, or with
///   an organization's id between the two
/// @param account 12 digits
/// @param region the region whose events the files hold
record Shelf(String base, String account, String region) implements Comparable<Shelf> {
    static final String DIGESTS = "CloudTrail-Digest";

    /// The folders of log files, one for each kind of event.
    static final List<String> LOGS =
            List.of(
                    "CloudTrail",
                    "CloudTrail-Aggregated",
                    "CloudTrail-Insight",
                    "CloudTrail-NetworkActivity");

    String digestFolder() {
        return base + DIGESTS + "/" + region + "/";
    }

    String logFolder(String kind) {
        return base + kind + "/" + region + "/";
    }

    /// Whether its digests, or its log files of some kind, stand below a folder.
    ///
    /// @param folder with a slash at its end, or empty
    boolean isBelow(String folder) {
        return digestFolder().startsWith(folder)
                || LOGS.stream().anyMatch(kind -> logFolder(kind).startsWith(folder));
    }

    @Override
    public int compareTo(Shelf other) {
        int byBase = base.compareTo(other.base);
        return byBase != 0 ? byBase : region.compareTo(other.region);
    }
}
