package dev.cairn.embedded.ledger;

/// Bytes on disk are not what was written.
final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String reason;

    /// @param reason a sentence that names file and byte
    DamagedException(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
