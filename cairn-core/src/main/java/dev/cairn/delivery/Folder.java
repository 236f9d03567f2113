package dev.cairn.delivery;

import dev.cairn.event.Category;

/// Where a trail's files of a kind of events go, beside each other under `AWSLogs/{account}/`.
public enum Folder {
    EVENTS("CloudTrail"),
    INSIGHT("CloudTrail-Insight"),
    NETWORK_ACTIVITY("CloudTrail-NetworkActivity"),
    AGGREGATED("CloudTrail-Aggregated");

    private final String wireName;

    Folder(String wireName) {
        this.wireName = wireName;
    }

    /// The word in keys and file names.
    public String wireName() {
        return wireName;
    }

    static Folder of(Category category) {
        return switch (category) {
            case MANAGEMENT, DATA, ACTIVITY_AUDIT_LOG, OTHER -> EVENTS;
            case INSIGHT -> INSIGHT;
            case NETWORK_ACTIVITY -> NETWORK_ACTIVITY;
            case AGGREGATED -> AGGREGATED;
        };
    }
}
