package dev.cairn.event;

/// The kind of an event, spelt on the wire as `eventCategory`.
public enum Category {
    MANAGEMENT("Management"),
    DATA("Data"),
    NETWORK_ACTIVITY("NetworkActivity"),
    INSIGHT("Insight"),
    AGGREGATED("Aggregated"),
    /// Events of applications, from PutAuditEvents.
    ACTIVITY_AUDIT_LOG("ActivityAuditLog"),
    /// A category this version does not know; the record keeps its own word.
    OTHER("");

    private final String wireName;

    Category(String wireName) {
        this.wireName = wireName;
    }

    /// The word in a record; empty for [#OTHER].
    public String wireName() {
        return wireName;
    }
}
