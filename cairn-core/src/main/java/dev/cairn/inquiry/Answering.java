package dev.cairn.inquiry;

import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.LedgerException;
import dev.cairn.log.GroupEvents;
import dev.cairn.log.LogEvent;
import dev.cairn.log.LogGroup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// A question that is being answered, a page of messages at each step. To be used by one thread.
public final class Answering {
    private static final int PAGE_EVENTS = 2_000;
    private static final long PAGE_BYTES = 4L << 20;

    private final Inquiry inquiry;
    private final GroupEvents events;
    private final List<LogGroup> groups;
    private final Instant from;
    private final Instant to;
    private final MessageFields fields;
    private final Pipeline pipeline;
    private int group;
    private Optional<List<Long>> at = Optional.empty();
    private long scanned;
    private long bytes;

    /// @param from the time of the first messages asked for
    /// @param to messages at this moment and later are left out
    public Answering(
            Inquiry inquiry, GroupEvents events, List<LogGroup> groups, Instant from, Instant to) {
        this.inquiry = groups.size() > 1 ? inquiry.newestFirst() : inquiry;
        this.events = events;
        this.groups = List.copyOf(groups);
        this.from = from;
        this.to = to;
        this.fields = new MessageFields(inquiry.fields());
        this.pipeline = new Pipeline(this.inquiry);
    }

    /// An answer, as far as it is known.
    ///
    /// @param rows at most [Inquiry#ROWS_MAX]
    /// @param matched how many messages filters took
    /// @param scanned how many messages were read
    /// @param bytes of these
    /// @param chars what the rows take, about
    public record Answer(
            List<List<Cell>> rows, long matched, long scanned, long bytes, long chars) {
        public Answer {
            rows = List.copyOf(rows);
        }
    }

    /// A value and the name of its column.
    public record Cell(String column, String value) {}

    /// Reads a page.
    ///
    /// @param ended asked after each message; no more is read once it holds
    /// @return false when all that is needed is read
    /// @throws InquiryException when the answer would be too large
    public boolean step(Instant now, BooleanSupplier ended)
            throws CatalogException, LedgerException {
        if (group == groups.size()) {
            return false;
        }
        GroupEvents.Page page =
                events.page(
                        groups.get(group),
                        new GroupEvents.Question(
                                GroupEvents.Direction.BACKWARD,
                                _ -> true,
                                at,
                                from,
                                to,
                                PAGE_EVENTS,
                                PAGE_BYTES,
                                _ -> true,
                                1),
                        now);
        for (LogEvent event : page.events().reversed()) {
            if (ended.getAsBoolean()) {
                return true;
            }
            scanned++;
            bytes += event.message().length();
            if (!pipeline.take(fields.of(groups.get(group), event))) {
                group = groups.size();
                return false;
            }
        }
        at = Optional.of(page.from());
        if (page.end()) {
            at = Optional.empty();
            group++;
        }
        return group < groups.size();
    }

    /// How far it is: without rows.
    public Answer progress() {
        return new Answer(List.of(), pipeline.matched(), scanned, bytes, 0);
    }

    /// The answer; to be asked once, when all is read.
    public Answer end() {
        List<Inquiry.Column> columns = inquiry.columns();
        List<List<Cell>> rows = new ArrayList<>();
        long chars = 0;
        for (Row row : pipeline.end()) {
            List<Cell> cells = new ArrayList<>();
            for (Inquiry.Column column : columns) {
                String value = row.get(column.name());
                if (value != null) {
                    cells.add(
                            new Cell(
                                    column.name(),
                                    column.moment() ? Formula.moment(value) : value));
                    chars += value.length() + 64L;
                }
            }
            String pointer = row.pointer;
            if (pointer != null) {
                cells.add(new Cell("@ptr", pointer));
            }
            rows.add(List.copyOf(cells));
        }
        return new Answer(rows, pipeline.matched(), scanned, bytes, chars);
    }
}
