package dev.cairn.watch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.topic.Message;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/// What a topic is told: a text for people, who get mails, and JSON for everyone else, which has
/// that text in it, too.
final class WatchMessage {
    private static final JsonFactory JSON = new JsonFactory();

    /// SNS's bound.
    private static final int SUBJECT_CHARS_MAX = 100;

    private WatchMessage() {}

    /// Of an event that a watch took.
    ///
    /// @param more events that are told by this message, too
    static Message of(
            String id, Watch watch, Sighting seen, Optional<WatchState.Held> more, Instant now) {
        String text = text(watch, seen, more);
        return new Message(
                id,
                watch.topic(),
                subject(watch, seen.what()),
                json(watch, seen, more, text),
                Map.of("email", text),
                Map.of(),
                now.truncatedTo(ChronoUnit.MILLIS));
    }

    /// That a watch watches no more.
    ///
    /// @param lost what it held, of which there is no other message
    /// @param became such as `removed`
    static Message ended(
            String id, Watch watch, WatchState lost, String became, String by, Instant now) {
        StringBuilder text = new StringBuilder();
        text.append(
                "The watch %s was %s by %s.%n%nIt waited for:%n  %s%n%nIf nobody who may do so meant to, somebody is covering their tracks: look at what they did.%n  cairn search 'userIdentity.arn:\"%s\"' --since 24h%n"
                        .formatted(
                                watch.name().name(),
                                became,
                                Sighting.clean(by),
                                Sighting.clean(watch.condition().text()),
                                Sighting.clean(by)));
        if (lost.held().isPresent() && lost.last().isPresent()) {
            WatchState.Held held = lost.held().get();
            text.append(
                    "\nAnd %d since %s were not told; the newest:\n"
                            .formatted(held.count(), held.since()));
            facts(text, lost.last().get());
        }
        StringWriter json = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(json)) {
            out.writeStartObject();
            head(out, watch);
            out.writeStringField(became, Sighting.clean(by));
            if (lost.held().isPresent() && lost.last().isPresent()) {
                out.writeNumberField("notTold", lost.held().get().count());
                out.writeStringField("notToldSince", lost.held().get().since().toString());
                out.writeStringField("eventID", lost.last().get().id());
            }
            out.writeStringField("text", text.toString());
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no I/O", e);
        }
        return new Message(
                id,
                watch.topic(),
                subject(watch, "this watch was " + became),
                Sighting.carried(json.toString()),
                Map.of("email", text.toString()),
                Map.of(),
                now.truncatedTo(ChronoUnit.MILLIS));
    }

    /// What a reaction is told of an event: the same as others, as JSON.
    static String detail(Watch watch, Sighting seen) {
        return json(watch, seen, Optional.empty(), text(watch, seen, Optional.empty()));
    }

    private static String subject(Watch watch, String what) {
        String ascii =
                "Cairn, %s: %s".formatted(watch.name().name(), what).replaceAll("[^ -~]", "?");
        return ascii.length() <= SUBJECT_CHARS_MAX ? ascii : ascii.substring(0, SUBJECT_CHARS_MAX);
    }

    private static String text(Watch watch, Sighting seen, Optional<WatchState.Held> more) {
        StringBuilder text = new StringBuilder();
        text.append(watch.sentence()).append("\n\n");
        facts(text, seen);
        line(text, "Calls", watch.reaction().orElse(""));
        more.ifPresent(held ->
                text.append(
                        (watch.threshold().isEmpty()
                                        ? "\nAnd %d more since %s, which came faster than %s.\n"
                                        : "\nAnd %d more since %s, of bursts that go on or came faster than %s.\n")
                                .formatted(held.count(), held.since(), watch.atMost())));
        part(text, "What it means", watch.words().means());
        part(text, "What to do", watch.words().act());
        text.append("\nTo look at it:\n  ").append(look(seen)).append('\n');
        return text.toString();
    }

    private static void facts(StringBuilder text, Sighting seen) {
        line(text, "Burst", seen.burst());
        line(text, "Who", seen.who());
        line(text, "What", seen.what());
        line(text, "On", seen.on());
        line(text, "When", seen.time().toString());
        line(text, "Where", seen.region() + (seen.from().isEmpty() ? "" : ", from " + seen.from()));
        line(text, "Result", seen.result().isEmpty() ? "done" : "refused: " + seen.result());
        line(text, "Event", seen.id());
    }

    private static void line(StringBuilder text, String name, String value) {
        if (!value.isEmpty()) {
            text.append("%-8s".formatted(name)).append(value).append('\n');
        }
    }

    private static void part(StringBuilder text, String heading, String words) {
        if (!words.isEmpty()) {
            text.append('\n').append(heading).append(":\n  ").append(words).append('\n');
        }
    }

    private static String look(Sighting seen) {
        return "cairn search 'eventID:\"%s\"'"
                .formatted(seen.id().replace("'", "?").replace("\"", "?"));
    }

    private static void head(JsonGenerator out, Watch watch) throws IOException {
        out.writeStringField("version", "1");
        out.writeStringField("watch", watch.name().name());
        out.writeStringField("account", watch.name().account());
        out.writeStringField(watch.condition().kind(), watch.condition().text());
    }

    private static String json(
            Watch watch, Sighting seen, Optional<WatchState.Held> more, String text) {
        StringWriter json = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(json)) {
            out.writeStartObject();
            head(out, watch);
            out.writeStringField("sentence", watch.sentence());
            out.writeStringField("who", seen.who());
            out.writeStringField("what", seen.what());
            out.writeStringField("on", seen.on());
            out.writeStringField("when", seen.time().toString());
            out.writeStringField("where", seen.region());
            out.writeStringField("from", seen.from());
            out.writeStringField("result", seen.result());
            out.writeStringField("eventID", seen.id());
            if (!seen.burst().isEmpty()) {
                out.writeStringField("burst", seen.burst());
            }
            if (more.isPresent()) {
                out.writeNumberField("more", more.get().count());
                out.writeStringField("moreSince", more.get().since().toString());
            }
            out.writeStringField("means", watch.words().means());
            out.writeStringField("act", watch.words().act());
            out.writeStringField("look", look(seen));
            out.writeStringField("text", text);
            if (!seen.record().isEmpty()) {
                out.writeFieldName("event");
                out.writeRawValue(seen.record());
            }
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no I/O", e);
        }
        return Sighting.carried(json.toString());
    }
}
