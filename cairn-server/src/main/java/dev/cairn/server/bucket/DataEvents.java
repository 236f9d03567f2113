package dev.cairn.server.bucket;

import dev.cairn.archive.Bucket;
import dev.cairn.server.own.OwnRecord;
import java.util.function.Predicate;

/// Tells which data events are to be recorded.
@FunctionalInterface
public interface DataEvents {
    /// Whether those on a bucket are wanted, as things stand now.
    Predicate<OwnRecord> wanted(Bucket bucket);
}
