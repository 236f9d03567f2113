package dev.cairn.event;

/// Why an event is not taken. A closed table: clients and summaries count by these words.
public enum RefusalCode {
    /// The record is longer than the limit.
    EVENT_TOO_LARGE("EventTooLarge"),
    /// The bytes are not UTF-8, or an escape names half of a surrogate pair.
    INVALID_ENCODING("InvalidEncoding"),
    /// The bytes are not one JSON object.
    INVALID_JSON("InvalidJson"),
    /// The body ends inside a record or before the end of its array.
    INCOMPLETE_BODY("IncompleteBody"),
    /// More than [EventReader#NESTING_MAX] objects and arrays inside each other.
    TOO_DEEP("TooDeep"),
    /// A key occurs twice in one object, so that readers would differ about its value.
    DUPLICATE_KEY("DuplicateKey"),
    /// A number that a double cannot hold.
    NUMBER_OUT_OF_RANGE("NumberOutOfRange"),
    /// A member that every event needs is absent, null or empty.
    MISSING_FIELD("MissingField"),
    /// A member has another type or form than CloudTrail gives it.
    INVALID_FIELD("InvalidField"),
    /// `eventTime` lies further ahead than clocks may differ.
    TIME_IN_FUTURE("TimeInFuture"),
    /// The place has an event with this `eventID` and other content.
    EVENT_ID_CONFLICT("EventIdConflict"),
    /// The ledger takes nothing for this place right now; the same event may be sent again.
    PUSHED_BACK("PushedBack"),
    /// The caller may not record events of this account.
    ACCESS_DENIED("AccessDenied");

    private final String wireName;

    RefusalCode(String wireName) {
        this.wireName = wireName;
    }

    /// The word in answers and summaries.
    public String wireName() {
        return wireName;
    }
}
