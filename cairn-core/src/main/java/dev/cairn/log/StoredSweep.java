package dev.cairn.log;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Range;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Removes stored messages that nobody sees any more: those that retention has ended for, and those
/// of streams and groups that were deleted.
///
/// It goes round all groups that ever had messages, a page at each step, so that nobody waits long
/// for the catalog. Of a group only what is past its retention is read; all of it once after a
/// deletion, as the messages of a stream lie among others. To be used by one thread.
public final class StoredSweep {
    /// How many messages are removed at once, and until how many characters.
    private static final int PAGE = 1_000;

    private static final long PAGE_CHARS = 1 << 20;

    private final Catalog catalog;
    private final LogGroups groups;

    /// The group behind which the round goes on; empty to begin a new one.
    private String last = "";

    private @Nullable Whole whole;

    /// A group that is gone through from its first message to its last.
    ///
    /// @param deletions of the group when that began
    /// @param after the last key that was looked at; empty for none
    private record Whole(LogGroupName name, long deletions, String after) {}

    public StoredSweep(Catalog catalog, LogGroups groups) {
        this.catalog = catalog;
        this.groups = groups;
    }

    /// Looks at some messages.
    ///
    /// @return whether the round goes on; the next step after that begins a new one
    public boolean step(Instant now) throws CatalogException {
        Whole under = whole;
        if (under != null) {
            whole = sweep(under, now);
            return true;
        }
        List<Document> next = catalog.list(StoredGroup.KIND, "", last, 1);
        if (next.isEmpty()) {
            last = "";
            return false;
        }
        LogGroupName name = LogGroupName.ofKey(next.getFirst().key());
        StoredGroup stored = StoredGroup.of(next.getFirst());
        Optional<LogGroup> group = groups.find(name);
        if (group.isEmpty() || stored.deletions() != stored.swept()) {
            whole = new Whole(name, stored.deletions(), "");
        } else if (removeExpired(group.get(), now)) {
            // There may be more.
            return true;
        }
        last = next.getFirst().key();
        return true;
    }

    /// Removes messages that retention has ended for.
    ///
    /// @return false when there was none
    private boolean removeExpired(LogGroup group, Instant now) throws CatalogException {
        if (group.retentionDays().isEmpty()) {
            return false;
        }
        String prefix = StoredEvents.prefix(group.name());
        List<Document> over =
                page(new Range(prefix, StoredEvents.key(group.name(), kept(group, now), 0), false));
        if (!over.isEmpty()) {
            remove(group.name(), over);
        }
        return !over.isEmpty();
    }

    /// The first time that a group's messages are kept from, in thousandths of a second.
    private static long kept(LogGroup group, Instant now) {
        return group.retentionDays()
                .map(days -> Math.max(0, now.minus(Duration.ofDays(days)).toEpochMilli()))
                .orElse(0L);
    }

    /// @return how far it is now; null when that was all
    private @Nullable Whole sweep(Whole at, Instant now) throws CatalogException {
        LogGroupName name = at.name();
        StoredGroup stored = stored(name);
        Optional<LogGroup> group = groups.find(name);
        long kept = group.map(there -> kept(there, now)).orElse(0L);
        String prefix = StoredEvents.prefix(name);
        List<Document> page =
                page(
                        new Range(
                                at.after().isEmpty() ? prefix : at.after(),
                                StoredEvents.behind(name),
                                false));
        if (page.isEmpty() && stored.swept() == at.deletions()) {
            return null;
        }
        if (page.isEmpty()) {
            catalog.<Optional<Void>, RuntimeException>write(tx -> {
                StoredGroup.of(tx, name).withSwept(at.deletions()).write(tx, name);
                return Optional.empty();
            });
            return null;
        }
        // Looked up behind the messages: a stream is there before them.
        Map<String, Long> firsts = new HashMap<>();
        List<Document> over = new ArrayList<>();
        for (Document document : page) {
            String stream = Fields.of(document).text(StoredEvents.STREAM);
            Long first = firsts.get(stream);
            if (first == null) {
                first =
                        groups.streams()
                                .find(name, stream)
                                .map(LogStream::since)
                                .orElse(Long.MAX_VALUE);
                firsts.put(stream, first);
            }
            if (StoredEvents.number(document) < Math.max(first, stored.first())
                    || StoredEvents.millis(document) < kept) {
                over.add(document);
            }
        }
        if (!over.isEmpty()) {
            remove(name, over);
        }
        return new Whole(name, at.deletions(), page.getLast().key());
    }

    private StoredGroup stored(LogGroupName name) throws CatalogException {
        Optional<Document> document = catalog.get(StoredGroup.KIND, name.key());
        return StoredGroup.of(
                document.orElseThrow(() -> new IllegalStateException("it outlives its group")));
    }

    private List<Document> page(Range range) throws CatalogException {
        return catalog.list(StoredEvents.KIND, range, PAGE, PAGE_CHARS);
    }

    private void remove(LogGroupName name, List<Document> over) throws CatalogException {
        catalog.<Optional<Void>, RuntimeException>write(tx -> {
            remove(tx, name, over);
            return Optional.empty();
        });
    }

    /// Those of a group that was deleted count no more.
    private static void remove(Transaction tx, LogGroupName name, List<Document> over)
            throws CatalogException {
        StoredGroup stored = StoredGroup.of(tx, name);
        long bytes = 0;
        for (Document document : over) {
            tx.delete(document);
            if (StoredEvents.number(document) >= stored.first()) {
                bytes += StoredEvents.bytes(Fields.of(document).text(StoredEvents.MESSAGE));
            }
        }
        stored.without(bytes).write(tx, name);
    }
}
