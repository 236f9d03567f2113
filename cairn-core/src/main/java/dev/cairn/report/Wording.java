package dev.cairn.report;

import dev.cairn.report.WeekReport.Deed;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// The words that the forms of a report share.
final class Wording {
    private final WeekReport report;
    private final DateTimeFormatter day;
    private final DateTimeFormatter minute;

    Wording(WeekReport report) {
        this.report = report;
        this.day = DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.ENGLISH);
        this.minute = DateTimeFormatter.ofPattern("EEE d MMM HH:mm", Locale.ENGLISH);
    }

    String title() {
        return "Who did what, %s to %s"
                .formatted(day.format(at(report.from())), day.format(at(report.to())));
    }

    /// Of a mail: nothing in it was written by a stranger.
    String subject() {
        int odd = report.oddities().size();
        return "%s: %s, %s"
                .formatted(
                        title(),
                        number(report.week().calls(), "call"),
                        odd == 0 ? "nothing odd" : number(odd, "oddity", "oddities"));
    }

    String span() {
        return "%s to %s (%s)"
                .formatted(time(report.from()), time(report.to()), report.zone().getId());
    }

    String time(Instant time) {
        return minute.format(at(time));
    }

    private java.time.ZonedDateTime at(Instant time) {
        return time.atZone(report.zone());
    }

    /// The four numbers, each with what it was the week before.
    List<String> totals() {
        WeekReport.Totals now = report.week();
        WeekReport.Totals then = report.before();
        return List.of(
                number(now.calls(), "call") + (then == null ? "" : than(now.calls(), then.calls())),
                number(now.changes(), "change")
                        + (then == null ? "" : than(now.changes(), then.changes())),
                number(now.errors(), "error")
                        + (then == null ? "" : than(now.errors(), then.errors())),
                number(now.people(), "caller")
                        + (then == null ? "" : than(now.people(), then.people())));
    }

    private static String than(long now, long then) {
        if (then == 0) {
            return now == 0 ? ", as the week before" : ", none the week before";
        }
        long percent = Math.round(100.0 * (now - then) / then);
        return percent == 0
                ? ", as many as the week before"
                : String.format(Locale.ROOT, ", %+,d%% on the week before (%,d)", percent, then);
    }

    String person(WeekReport.Person person) {
        return counts(person.calls(), person.changes(), person.errors())
                + (report.before() == null
                        ? ""
                        : String.format(Locale.ROOT, "; %,d the week before", person.before()))
                + "; last "
                + time(person.last());
    }

    static String thing(WeekReport.Thing thing) {
        return (thing.type().isEmpty() ? "" : thing.type() + ", ")
                + counts(thing.calls(), thing.changes(), thing.errors());
    }

    private static String counts(long calls, long changes, long errors) {
        return "%s, %s%s"
                .formatted(
                        number(calls, "call"),
                        number(changes, "change"),
                        errors == 0 ? "" : ", " + number(errors, "error"));
    }

    static String deeds(List<Deed> deeds) {
        return deeds.stream()
                .map(deed -> String.format(Locale.ROOT, "%s %,d", deed.name(), deed.calls()))
                .collect(Collectors.joining(", "));
    }

    static String number(long count, String one) {
        return number(count, one, one + "s");
    }

    private static String number(long count, String one, String many) {
        return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
    }

    /// Events are written by strangers: what moves the cursor, or turns the direction of a text, is
    /// not passed on.
    static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
                .map(c ->
                        Character.isISOControl(c)
                                        || Character.getType(c) == Character.FORMAT
                                        || Character.getType(c) == Character.SURROGATE
                                        || Character.getType(c) == Character.LINE_SEPARATOR
                                        || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
                                ? '?'
                                : c)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
