package dev.cairn.lake.column;

import static dev.cairn.lake.column.ColumnType.Plain.TEXT;
import static dev.cairn.lake.column.ColumnType.Plain.TIMESTAMP;
import static dev.cairn.lake.column.EventColumns.TEXTS;
import static dev.cairn.lake.column.EventColumns.column;
import static dev.cairn.lake.column.EventColumns.row;
import static dev.cairn.lake.column.EventColumns.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The columns of an event data store's table, by what kind of events it takes: those that
/// CloudTrail Lake documents (user guide, query-supported-event-schemas), and the whole record.
///
/// The words are written down in tables, and never change their meaning.
// Its lists are copies that nobody can change.
@SuppressWarnings("ImmutableEnumChecker")
public enum StoreColumns {
    /// CloudTrail events.
    EVENTS(EventColumns.read()),
    /// Events of other programs, from `PutAuditEvents`.
    ACTIVITY(
            List.of(
                    text("eventVersion"),
                    text("eventCategory"),
                    text("eventType"),
                    text("eventID"),
                    column("eventTime", TIMESTAMP),
                    text("awsRegion"),
                    text("recipientAccountId"),
                    column("addendum", TEXTS),
                    column("metadata", row(column("ingestionTime", TIMESTAMP), text("channelARN"))),
                    column(
                            "eventData",
                            row(
                                    text("version"),
                                    column(
                                            "userIdentity",
                                            row(
                                                    text("type"),
                                                    text("principalId"),
                                                    column("details", TEXTS))),
                                    text("userAgent"),
                                    text("eventSource"),
                                    text("eventName"),
                                    column("eventTime", TIMESTAMP),
                                    text("UID"),
                                    column("requestParameters", TEXTS),
                                    column("responseElements", TEXTS),
                                    text("errorCode"),
                                    text("errorMessage"),
                                    text("sourceIPAddress"),
                                    text("recipientAccountId"),
                                    column("additionalEventData", TEXTS)))));

    private final List<Column> read;
    private final List<Column> ofTables;
    private final List<Column> ofStores;

    StoreColumns(List<Column> read) {
        this.read = read;
        var columns = new ArrayList<>(read);
        columns.add(new Column(EventColumns.JSON, "", TEXT));
        this.ofTables = List.copyOf(columns);
        columns.add(new Column(EventColumns.CHECKSUM, "", TEXT));
        this.ofStores = List.copyOf(columns);
    }

    /// @param word as [#word] says it; empty in what was written before there were others: events
    /// @throws IllegalArgumentException when there are none of that word
    public static StoreColumns of(String word) {
        return word.isEmpty() ? EVENTS : valueOf(word.toUpperCase(Locale.ROOT));
    }

    /// `events` or `activity`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// What is stored.
    public List<Column> ofTables() {
        return ofTables;
    }

    /// What a query sees: [#ofTables], and the checksum that is worked out when it is asked for.
    public List<Column> ofStores() {
        return ofStores;
    }

    /// A query for the stored columns, and `$path`.
    ///
    /// @param table with a column `raw` of sound JSON, an object in each row, and a column `path`
    public String select(String table) {
        return EventColumns.select(read, table);
    }
}
