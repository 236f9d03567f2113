package dev.cairn.archive;

import java.time.Instant;
import java.util.Optional;

/// How the bytes of an object are stored: at hand, or in a colder place that they must be brought
/// back from before they can be read
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html).
///
/// @param type its class
/// @param restoring whether a copy was asked for and is not there yet; only where cold
/// @param until when the copy that was brought back goes again; only where cold
public record Storage(Type type, boolean restoring, Optional<Instant> until) {
    /// At hand.
    public static final Storage STANDARD = of(Type.STANDARD);

    /// Storage classes, named as on the wire, each colder than the one before.
    public enum Type {
        STANDARD,
        GLACIER,
        DEEP_ARCHIVE
    }

    public Storage {
        if (type == Type.STANDARD && (restoring || until.isPresent())) {
            throw new IllegalArgumentException("expected a cold object where one is brought back");
        }
    }

    /// An object that nobody has asked to bring back.
    public static Storage of(Type type) {
        return new Storage(type, false, Optional.empty());
    }

    public boolean isCold() {
        return type != Type.STANDARD;
    }

    /// Whether there is something to read.
    public boolean isReadable(Instant now) {
        return !isCold() || until.filter(now::isBefore).isPresent();
    }

    /// With a copy on its way; one that is there stays until then.
    public Storage asked() {
        return new Storage(type, true, until);
    }

    /// With a copy that can be read until then.
    public Storage restored(Instant end) {
        return new Storage(type, false, Optional.of(end));
    }

    /// Without the copy that was brought back, and on its way still if another was asked for.
    public Storage returned() {
        return new Storage(type, restoring, Optional.empty());
    }
}
