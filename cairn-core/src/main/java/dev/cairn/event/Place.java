package dev.cairn.event;

/// The account and region whose history an event belongs to.
///
/// All of a place's events are in one partition of the ledger (invariant I7), and eventIDs are
/// unique within a place. Neither part is checked against AWS's forms: redacted accounts (`700***`)
/// and unknown regions occur in real records.
///
/// @param account the recipient account, usually twelve digits
/// @param region the region the call was made in, such as `us-east-1`
public record Place(String account, String region) {
    /// Stands for an account or region that nothing tells, which happens in imported records only.
    public static final String UNKNOWN = "unknown";
}
