package dev.cairn.embedded.ledger;

import dev.cairn.disk.DiskException;
import dev.cairn.event.JsonEquality;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells whether an event was recorded before: by name, then by content.
///
/// Names are looked up twice, each time where the other does not look: in all full segments on the
/// caller's thread, before the entries queue; and by the writer in what came since. Equal
/// fingerprints of the content are believed ([Fingerprint] says why that is safe); with different
/// ones the first record is read back and compared as JSON. A first record that is lost does not
/// count: its event may be recorded again.
final class Duplicates {
    private final Segments segments;
    private final LedgerSettings settings;
    private final int partition;

    Duplicates(Segments segments, LedgerSettings settings, int partition) {
        this.segments = segments;
        this.settings = settings;
        this.partition = partition;
    }

    /// Looks items up in all segments but the one appended to, and notes on each item what came of
    /// it and how far that goes.
    void lookBack(List<Item> items, long now) throws DiskException {
        Segment[] all = segments.snapshot();
        Segment active = all[all.length - 1];
        Window window = new Window(now, active.end());
        items.forEach(item -> item.lookedBack(active.first()));
        List<Item> open = new ArrayList<>(items);
        for (int i = all.length - 2; i >= 0 && !open.isEmpty(); i--) {
            Segment segment = all[i];
            if (window.isBefore(segment)) {
                open.removeIf(item -> item.entry().origin() != Origin.IMPORT);
                if (open.isEmpty()) {
                    return;
                }
            }
            Segment.Names names = segment.names();
            for (Iterator<Item> each = open.iterator(); each.hasNext(); ) {
                Item item = each.next();
                Fingerprint print = item.fingerprint();
                Segment.Match match = names.find(print.high(), print.low());
                if (match != null) {
                    item.earlier(judge(item, match, window));
                    each.remove();
                }
            }
        }
    }

    /// Looks an item up in what came since [#lookBack].
    ///
    /// @param fresh the group's items so far, which follow the last segment's end
    /// @return null when it is new
    @Nullable Append look(Item item, List<Item> fresh, long now) throws DiskException {
        Segment[] all = segments.snapshot();
        long end = all[all.length - 1].end();
        Window window = new Window(now, end + fresh.size());
        Fingerprint print = item.fingerprint();
        for (int i = all.length - 1; i >= 0 && all[i].first() >= item.lookedBackTo(); i--) {
            Segment.Match match = all[i].find(print.high(), print.low());
            if (match != null) {
                return match.offset() < end
                        ? judge(item, match, window)
                        : judge(item, match, fresh.get((int) (match.offset() - end)), window, now);
            }
        }
        return item.earlier();
    }

    /// Judges against an event that is recorded.
    private @Nullable Append judge(Item item, Segment.Match match, Window window)
            throws DiskException {
        if (item.entry().origin() != Origin.IMPORT
                && !window.holds(match.offset(), segments.recordedAt(match.offset()))) {
            return null;
        }
        Position first = new Position(partition, match.offset());
        if (match.content() == item.fingerprint().content()) {
            return segments.damage().holds(match.offset()) ? null : new Append.Duplicate(first);
        }
        return switch (segments.at(match.offset())) {
            case Slice.Held held -> compare(item, held.entry().json(), first);
            case Slice.Lost _ -> null;
        };
    }

    /// Judges against an event of the same group.
    private @Nullable Append judge(
            Item item, Segment.Match match, Item before, Window window, long now) {
        if (item.entry().origin() != Origin.IMPORT && !window.holds(match.offset(), now)) {
            return null;
        }
        return compare(item, before.entry().json(), new Position(partition, match.offset()));
    }

    private static Append compare(Item item, byte[] before, Position first) {
        return JsonEquality.same(before, item.entry().json())
                ? new Append.Duplicate(first)
                : new Append.Conflict(first);
    }

    /// Events recorded before this are outside the window.
    Instant since(long now) {
        Ledger.Span span = segments.span();
        Window window = new Window(now, span.end());
        long since = window.after;
        if (window.from > span.first() && window.from < span.end()) {
            try {
                since = Math.max(since, segments.recordedAt(window.from));
            } catch (DiskException _) {
                // The ids still count; only this figure is not known better.
                return Instant.ofEpochMilli(since);
            }
        }
        return Instant.ofEpochMilli(since);
    }

    /// Where duplicates are found for the intake.
    private final class Window {
        /// Recorded after this, milliseconds.
        private final long after;

        /// From this offset on.
        private final long from;

        Window(long now, long end) {
            this.after = now - settings.duplicateWindow().toMillis();
            this.from = end - settings.duplicateIdsMax();
        }

        boolean holds(long offset, long recordedAt) {
            return offset >= from && recordedAt > after;
        }

        boolean isBefore(Segment segment) {
            return segment.end() <= from || segment.lastRecordedAt() <= after;
        }
    }
}
