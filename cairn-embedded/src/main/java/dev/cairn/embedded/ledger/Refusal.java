package dev.cairn.embedded.ledger;

import dev.cairn.disk.DiskException;
import dev.cairn.ledger.Append;
import java.time.Duration;

/// A group cannot be recorded now; nothing of it counts as written.
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Append.Pushback pushback;

    Refusal(Duration retryAfter, String reason) {
        super(reason);
        this.pushback = new Append.Pushback(retryAfter, reason);
    }

    Refusal(DiskException cause) {
        super(cause);
        this.pushback = pushback(cause);
    }

    static Append.Pushback pushback(DiskException cause) {
        return new Append.Pushback(
                Duration.ofSeconds(cause.kind() == DiskException.Kind.FULL ? 30 : 5),
                String.valueOf(cause.getMessage()));
    }

    Append.Pushback pushback() {
        return pushback;
    }
}
