package dev.cairn.ledger;

/// How an event came to be recorded. The code is what the disk keeps, and never changes its
/// meaning.
public enum Origin {
    /// Sent to the intake by a producer: checked strictly, read by every reader.
    INTAKE(1),
    /// Read from existing log files: checked leniently; searchable, never delivered by a trail nor
    /// alarmed on.
    IMPORT(2),
    /// A call to Cairn itself.
    OWN(3),
    /// Put into a channel (`PutAuditEvents`): an event of a program that is not AWS's, for the
    /// event data stores that the channel feeds.
    CHANNEL(4);

    private final int code;

    Origin(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /// @throws IllegalArgumentException when no origin has that code
    public static Origin ofCode(int code) {
        return switch (code) {
            case 1 -> INTAKE;
            case 2 -> IMPORT;
            case 3 -> OWN;
            case 4 -> CHANNEL;
            default ->
                    throw new IllegalArgumentException(
                            "expected an origin code from 1 to 4, got " + code);
        };
    }
}
