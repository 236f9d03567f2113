package dev.cairn.watch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Event;
import dev.cairn.event.Resource;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Collectors;

/// An event that a watch took, in a few words: who did what, when, from where, and what came of it.
///
/// Records are written by strangers, and this goes into mails: control characters are gone, and
/// each text is cut.
///
/// @param id the event's
/// @param burst what there were more of than a watch's threshold; empty when it has none
/// @param record the event itself; empty when it is not at hand, or too long to be passed on
public record Sighting(
        String id,
        Instant time,
        String region,
        String who,
        String what,
        String on,
        String from,
        String result,
        String burst,
        String record) {
    /// Longer records are not passed on: a topic's message has an end.
    static final int RECORD_BYTES_MAX = 160 << 10;

    static final int CHARS_MAX = 300;

    /// What a threshold says ([Threshold#words]) is never longer: with the longest name of a
    /// member, and [#CHARS_MAX] of its values.
    private static final int BURST_CHARS_MAX = CHARS_MAX + Threshold.PER_CHARS_MAX + 100;

    private static final int RESOURCES_MAX = 3;

    static Sighting of(Event event) {
        String who =
                Objects.requireNonNullElse(
                        event.principalArn(),
                        Objects.requireNonNullElse(event.username(), "somebody unknown"));
        return new Sighting(
                clean(event.id()),
                event.time(),
                clean(event.place().region()),
                clean(who),
                clean(event.name() + " (" + event.source() + ")"),
                clean(
                        event.resources().stream()
                                .limit(RESOURCES_MAX)
                                .map(Resource::name)
                                .collect(Collectors.joining(", "))),
                clean(Objects.requireNonNullElse(event.sourceIpAddress(), "")),
                clean(Objects.requireNonNullElse(event.errorCode(), "")),
                "",
                event.json().length <= RECORD_BYTES_MAX ? passed(event.json()) : "");
    }

    private static String passed(byte[] json) {
        String record = new String(json, UTF_8);
        String carried = carried(record);
        // What is written otherwise has three bytes, and then six.
        long longer = 3L * (carried.length() - record.length()) / 5;
        return json.length + longer <= RECORD_BYTES_MAX ? carried : "";
    }

    /// JSON without the two characters that no message may have (SQS's, which are XML's), as queues
    /// would refuse all of it. They stand in texts only, where they can be written otherwise.
    static String carried(String json) {
        return json.replace("\uFFFE", "\\uFFFE").replace("\uFFFF", "\\uFFFF");
    }

    /// The same event, as one of a burst.
    ///
    /// @param words what there were more of
    Sighting in(String words) {
        return new Sighting(
                id,
                time,
                region,
                who,
                what,
                on,
                from,
                result,
                clean(words, BURST_CHARS_MAX),
                record);
    }

    /// About how much is written for it.
    long chars() {
        return 1_000L + record.length();
    }

    static String clean(String text) {
        return clean(text, CHARS_MAX);
    }

    /// @param most so many characters are left
    static String clean(String text, int most) {
        StringBuilder clean = new StringBuilder();
        text.codePoints()
                .limit(most)
                .map(c ->
                        Character.isISOControl(c)
                                        || Character.getType(c) == Character.FORMAT
                                        || Character.getType(c) == Character.LINE_SEPARATOR
                                        || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
                                        || Character.getType(c) == Character.SURROGATE
                                        || c == 0xFFFE
                                        || c == 0xFFFF
                                ? '?'
                                : c)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }

    /// As documents have it, without the record.
    Fields in(Fields fields) {
        return fields.with("id", id)
                .with("time", time.toString())
                .with("region", region)
                .with("who", who)
                .with("what", what)
                .with("on", on)
                .with("from", from)
                .with("result", result)
                .with("burst", burst);
    }

    static Sighting of(Fields fields) throws CatalogException {
        return new Sighting(
                fields.text("id"),
                Instant.parse(fields.text("time")),
                fields.text("region"),
                fields.text("who"),
                fields.text("what"),
                fields.text("on"),
                fields.text("from"),
                fields.text("result"),
                fields.find("burst").orElse(""),
                "");
    }
}
