package dev.cairn.gateway.decoding;

/// What is asked of whom.
///
/// @param eventSource such as `s3.amazonaws.com`
/// @param eventName the operation, as CloudTrail calls it; `Unknown` where the request does not say
/// @param readOnly whether it changes nothing; false where that is not known
/// @param managementEvent false for a data event
public record Named(
        String eventSource, String eventName, boolean readOnly, boolean managementEvent) {

    /// The name of an operation that could not be told.
    public static final String UNKNOWN = "Unknown";

    /// `Management` or `Data`.
    public String eventCategory() {
        return managementEvent ? "Management" : "Data";
    }
}
