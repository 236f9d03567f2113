package dev.cairn.embedded.ledger;

import dev.cairn.disk.DiskException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A run of a partition's offsets, kept in one file whose name is its first offset.
interface Segment {
    String RAW = ".segment";

    /// The file's name on the disk.
    String file();

    /// The first offset.
    long first();

    /// The first offset that the next segment holds.
    long end();

    /// Bytes on disk.
    long bytes();

    /// When its last event was recorded, milliseconds.
    long lastRecordedAt();

    /// When an event was recorded, milliseconds; the nearest time known when it is lost.
    long recordedAt(long offset) throws DiskException;

    /// Reads from the offset wanted next, which this segment holds, until the slice is full or the
    /// segment ends.
    ///
    /// @throws DiskException with NOT_FOUND when the file is gone
    void read(Gathering into) throws DiskException;

    /// The newest event of a name; null when there is none.
    @Nullable Match find(long high, long low) throws DiskException;

    /// The same for many names, with what it needs at hand.
    default Names names() throws DiskException {
        return this::find;
    }

    /// Finds events by their names.
    interface Names {
        @Nullable Match find(long high, long low) throws DiskException;
    }

    /// An event found by its name.
    record Match(long offset, long content) {}

    /// Whether a file's name is a segment's; others are not ours, and are left alone.
    static boolean isName(String name) {
        return name.matches("[0-9]{19}\\.(segment|sealed)");
    }

    /// Whether a file was to become a segment when a crash came: it is of no use.
    static boolean isDraft(String name) {
        return name.endsWith(Sealing.DRAFT) || name.endsWith(RawSegment.DRAFT);
    }

    /// The first offset that a file's name tells.
    static long first(String name) {
        return Long.parseLong(name, 0, name.indexOf('.'), 10);
    }

    static String name(String folder, long first, String suffix) {
        return String.format(Locale.ROOT, "%s/%019d%s", folder, first, suffix);
    }
}
