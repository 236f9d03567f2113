package dev.cairn.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Range;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.log.GroupEvents.Direction;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What callers put into a group. It stands at a message's time and number.
final class StoredLane extends Lane {
    /// How many are read at once, and until how many characters: one may have a megabyte.
    private static final int READ = 500;

    private static final long READ_CHARS_MIN = 64 << 10;
    private static final long READ_CHARS = 1 << 20;

    private final Work work;
    private final Direction direction;
    private final long since;
    private final long before;
    private final Map<String, Long> firsts = new HashMap<>();
    private final Deque<Stored> read = new ArrayDeque<>();
    private Mark at;
    private boolean done;
    private boolean looked;
    private @Nullable Stored head;

    /// What a page asks for.
    record Work(
            Catalog catalog,
            LogStreams streams,
            LogGroupName group,
            Predicate<String> wantedStreams,
            Predicate<byte[]> wanted,
            Budget budget) {}

    /// A place between messages: those before have an earlier time, or the same and a lower number.
    record Mark(long millis, long number) {
        boolean isBehind(Mark other) {
            return millis > other.millis || (millis == other.millis && number >= other.number);
        }
    }

    private record Stored(Mark mark, String stream, Instant ingested, String message) {
        byte[] utf8() {
            return message.getBytes(UTF_8);
        }
    }

    /// @param since earliest time, in thousandths of a second since 1970
    /// @param before none from this time on
    /// @param at where a page before ended; empty to begin at the first or last message
    StoredLane(Work work, Direction direction, long since, long before, Optional<Mark> at) {
        this.work = work;
        this.direction = direction;
        this.since = since;
        this.before = before;
        Mark low = new Mark(since, 0);
        Mark high = new Mark(before, 0);
        if (direction == Direction.FORWARD) {
            this.at = at.filter(mark -> mark.isBehind(low)).orElse(low);
        } else {
            this.at = at.filter(mark -> !mark.isBehind(high)).orElse(high);
        }
    }

    @Override
    boolean look() throws CatalogException {
        while (head == null && !(done && read.isEmpty())) {
            if (looked && work.budget.isSpent()) {
                return false;
            }
            if (read.isEmpty()) {
                readMore();
                continue;
            }
            looked = true;
            Stored next = read.removeFirst();
            at =
                    direction == Direction.FORWARD
                            ? next.mark()
                            : new Mark(next.mark().millis(), next.mark().number() + 1);
            if (isWanted(next)) {
                head = next;
            } else {
                at = behind(next);
            }
        }
        return true;
    }

    /// Where one stands when a message is left behind.
    private Mark behind(Stored stored) {
        return direction == Direction.FORWARD
                ? new Mark(stored.mark().millis(), stored.mark().number() + 1)
                : stored.mark();
    }

    private boolean isWanted(Stored stored) throws CatalogException {
        return !GroupEvents.isOfTrails(stored.stream())
                && work.wantedStreams.test(stored.stream())
                && stored.mark().number() >= first(stored.stream())
                && asks(stored.utf8());
    }

    private boolean asks(byte[] utf8) {
        work.budget.ask(utf8.length);
        return work.wanted.test(utf8);
    }

    /// The number that a stream's messages begin at; none is so high where there is no such stream.
    private long first(String stream) throws CatalogException {
        Long known = firsts.get(stream);
        if (known == null) {
            known =
                    work.streams
                            .find(work.group, stream)
                            .map(LogStream::since)
                            .orElse(Long.MAX_VALUE);
            firsts.put(stream, known);
        }
        return known;
    }

    private void readMore() throws CatalogException {
        Range rest =
                direction == Direction.FORWARD
                        ? new Range(behindKeysBefore(at), key(new Mark(before, 0)), false)
                        : new Range(behindKeysBefore(new Mark(since, 0)), key(at), true);
        List<Document> page =
                work.catalog.list(
                        StoredEvents.KIND,
                        rest,
                        READ,
                        work.budget.bytes(READ_CHARS_MIN, READ_CHARS));
        done = page.isEmpty();
        for (Document document : page) {
            read.addLast(stored(document));
        }
    }

    private String key(Mark mark) {
        return StoredEvents.key(work.group, mark.millis(), mark.number());
    }

    /// What comes behind all keys before a mark, and before all those from it on.
    private String behindKeysBefore(Mark mark) {
        return mark.number() == 0
                ? StoredEvents.prefix(work.group) + "%016d".formatted(mark.millis())
                : StoredEvents.key(work.group, mark.millis(), mark.number() - 1);
    }

    private static Mark mark(Document document) {
        return new Mark(StoredEvents.millis(document), StoredEvents.number(document));
    }

    private Stored stored(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        String message = fields.text(StoredEvents.MESSAGE);
        work.budget.read(document.json().length());
        return new Stored(
                mark(document),
                fields.text(StoredEvents.STREAM),
                Instant.ofEpochMilli(Long.parseLong(fields.text(StoredEvents.INGESTED))),
                message);
    }

    private Stored expectHead() {
        return Objects.requireNonNull(head, "a lane with a message");
    }

    @Override
    boolean has() {
        return head != null;
    }

    @Override
    Instant time() {
        return Instant.ofEpochMilli(expectHead().mark().millis());
    }

    @Override
    int bytes() {
        return expectHead().utf8().length;
    }

    @Override
    LogEvent event() {
        Stored stored = expectHead();
        return new LogEvent(
                stored.stream(),
                StoredEvents.id(stored.mark().millis(), stored.mark().number()),
                time(),
                stored.ingested(),
                stored.message());
    }

    @Override
    void pass() {
        at = behind(expectHead());
        head = null;
    }

    @Override
    void at(List<Long> into) {
        into.add(at.millis());
        into.add(at.number());
    }
}
