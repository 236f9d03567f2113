package dev.cairn.log;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.util.Optional;

/// What a group has of stored messages: a document `log-events` under `ACCOUNT/REGION/GROUP`. It
/// outlives its group: a number is given once.
///
/// @param next the number of its next message
/// @param bytes of its messages
/// @param first the number that its messages begin at: those before are of a group of its name that
///   was deleted
/// @param deletions how often the group, or a stream of it, was deleted
/// @param swept what `deletions` was when all messages were last looked at
record StoredGroup(long next, long bytes, long first, long deletions, long swept) {
    static final String KIND = "log-events";

    private static final StoredGroup NONE = new StoredGroup(0, 0, 0, 0, 0);
    private static final String NEXT = "next";
    private static final String BYTES = "bytes";
    private static final String FIRST = "first";
    private static final String DELETIONS = "deletions";
    private static final String SWEPT = "swept";

    static StoredGroup of(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new StoredGroup(
                Long.parseLong(fields.text(NEXT)),
                Long.parseLong(fields.text(BYTES)),
                number(fields, FIRST),
                number(fields, DELETIONS),
                number(fields, SWEPT));
    }

    /// Documents of an earlier version do not have all.
    private static long number(Fields fields, String name) {
        return fields.find(name).map(Long::valueOf).orElse(0L);
    }

    static StoredGroup of(Transaction tx, LogGroupName name) throws CatalogException {
        Optional<Document> document = tx.get(KIND, name.key());
        return document.isEmpty() ? NONE : of(document.get());
    }

    void write(Transaction tx, LogGroupName name) throws CatalogException {
        String json =
                Fields.none()
                        .with(NEXT, Long.toString(next))
                        .with(BYTES, Long.toString(bytes))
                        .with(FIRST, Long.toString(first))
                        .with(DELETIONS, Long.toString(deletions))
                        .with(SWEPT, Long.toString(swept))
                        .json();
        Optional<Document> old = tx.get(KIND, name.key());
        if (old.isEmpty()) {
            tx.create(KIND, name.key(), json);
        } else {
            tx.replace(old.get(), json);
        }
    }

    StoredGroup with(long count, long more) {
        return new StoredGroup(next + count, bytes + more, first, deletions, swept);
    }

    StoredGroup without(long less) {
        return new StoredGroup(next, Math.max(0, bytes - less), first, deletions, swept);
    }

    StoredGroup withSwept(long upTo) {
        return new StoredGroup(next, bytes, first, deletions, upTo);
    }

    /// Notes that a stream was deleted: its messages are to be found.
    static void streamDeleted(Transaction tx, LogGroupName name) throws CatalogException {
        StoredGroup now = of(tx, name);
        if (now.next > 0) {
            new StoredGroup(now.next, now.bytes, now.first, now.deletions + 1, now.swept)
                    .write(tx, name);
        }
    }

    /// Notes that a group was deleted: one that is made again under its name has nothing.
    static void deleted(Transaction tx, LogGroupName name) throws CatalogException {
        StoredGroup now = of(tx, name);
        if (now.next > 0) {
            new StoredGroup(now.next, 0, now.next, now.deletions + 1, now.swept).write(tx, name);
        }
    }
}
