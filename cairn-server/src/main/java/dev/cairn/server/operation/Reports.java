package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.history.HistoryException;
import dev.cairn.report.ReportPost;
import dev.cairn.report.WeekLetter;
import dev.cairn.report.WeekReport;
import dev.cairn.report.WeeklyTime;
import dev.cairn.report.Weeks;
import dev.cairn.secret.Secrets;
import dev.cairn.server.http.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Cairn's own operations on the report of the week.
///
/// A report reads two weeks of history, so one is made at a time here; who comes meanwhile is told
/// to try again.
public final class Reports {
    private final Weeks weeks;
    private final Searches searches;
    private final ReportPost post;
    private final Optional<WeeklyTime> weekly;
    private final List<String> receivers;
    private final boolean takesMail;
    private final Secrets secrets;
    private final Semaphore making = new Semaphore(1);

    /// @param weekly when the report goes out by itself; empty: never
    /// @param receivers who gets it then
    /// @param takesMail whether there is a mail server
    public Reports(
            Weeks weeks,
            Searches searches,
            ReportPost post,
            Optional<WeeklyTime> weekly,
            List<String> receivers,
            boolean takesMail,
            Secrets secrets) {
        this.weeks = weeks;
        this.searches = searches;
        this.post = post;
        this.weekly = weekly;
        this.receivers = receivers;
        this.takesMail = takesMail;
        this.secrets = secrets;
    }

    /// The report of the seven days that end at a time, of the accounts the caller may see: in
    /// lines of JSON how far it is, and at last, with `done`, what was asked for.
    Reply week(Invocation call) {
        var asked = new Weeks.Asked(searches.accounts(call), until(call), zone(call));
        var format = call.text("format", "text");
        if (!Set.of("text", "html", "json").contains(format)) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "format: expected text, html or json, got '%s'".formatted(format));
        }
        return Reply.streamed(200, "application/x-ndjson", out -> write(asked, format, out));
    }

    private void write(Weeks.Asked asked, String format, OutputStream out) throws IOException {
        ObjectNode last;
        if (!making.tryAcquire()) {
            last =
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("failure", "another report is being made; try again soon");
        } else {
            try {
                last = made(asked, format, new Heard(out));
            } catch (HistoryException failure) {
                throw new IOException("the report broke off", failure);
            } finally {
                making.release();
            }
        }
        line(out, last.put("done", true));
    }

    private ObjectNode made(Weeks.Asked asked, String format, Heard heard)
            throws HistoryException, IOException {
        var report = weeks.report(asked, heard);
        if (report == null) {
            throw new IOException("nobody listens any more", heard.broken);
        }
        var made = JsonNodeFactory.instance.objectNode();
        switch (format) {
            case "html" -> made.put("content", WeekLetter.of(report).html());
            case "json" -> made.set("report", json(report));
            default -> made.put("content", WeekLetter.of(report).text());
        }
        return made;
    }

    /// Tells how far a report is, until nobody listens.
    private static final class Heard implements Weeks.Listener {
        private final OutputStream out;
        private @Nullable IOException broken;
        private int told = -1;

        Heard(OutputStream out) {
            this.out = out;
        }

        @Override
        public boolean at(double part, long events) {
            var percent = (int) (100 * part);
            if (percent > told) {
                told = percent;
                try {
                    line(
                            out,
                            JsonNodeFactory.instance
                                    .objectNode()
                                    .put("percent", percent)
                                    .put("events", events));
                } catch (IOException gone) {
                    broken = gone;
                    return false;
                }
            }
            return true;
        }
    }

    private static void line(OutputStream out, ObjectNode json) throws IOException {
        out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static Instant until(Invocation call) {
        var text = call.text("until", "");
        try {
            return text.isEmpty() ? call.now() : Instant.parse(text);
        } catch (DateTimeException _) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "until: expected a time such as 2026-11-21T08:00:00Z, got '%s'"
                            .formatted(text));
        }
    }

    private static ZoneId zone(Invocation call) {
        var text = call.text("zone", "UTC");
        try {
            return ZoneId.of(text);
        } catch (DateTimeException _) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "zone: expected one such as Europe/Berlin, got '%s'".formatted(text));
        }
    }

    // ---- by mail ------------------------------------------------------------------------------

    /// Has the report mailed, as soon as it is written. It is of all accounts, and goes to anyone.
    ObjectNode send(Invocation call, Transaction tx) throws CatalogException {
        if (!takesMail) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "There is no mail server: the setting mail.smtp-host names one.");
        }
        var to = new ArrayList<String>();
        call.input().path("to").forEach(address -> to.add(address.asText()));
        if (to.isEmpty() || to.size() > ReportPost.RECEIVERS_MAX) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "to: expected 1 to %d addresses, got %d"
                            .formatted(ReportPost.RECEIVERS_MAX, to.size()));
        }
        for (var address : to) {
            if (!ReportPost.isAddress(address)) {
                throw new Failure(
                        ErrorCode.VALIDATION,
                        "to: expected addresses such as you@example.org, got '%s'"
                                .formatted(address));
            }
        }
        var id = secrets.uuid();
        post.order(tx, id, until(call), zone(call), to, call.now());
        return JsonNodeFactory.instance.objectNode().put("reportId", id);
    }

    /// When the report goes out by itself, and how it went.
    ObjectNode schedule(Invocation call) throws CatalogException {
        var standing = post.standing();
        var output = JsonNodeFactory.instance.objectNode();
        if (weekly.isPresent()) {
            output.put("weekly", weekly.get().toString())
                    .put("next", weekly.get().next(call.now()).getEpochSecond());
        }
        receivers.forEach(output.putArray("to")::add);
        output.put("waiting", standing.orders() + standing.letters());
        if (standing.ordered() != null) {
            output.put("ordered", standing.ordered().getEpochSecond());
        }
        if (standing.sent() != null) {
            output.put("sent", standing.sent().getEpochSecond());
        }
        if (standing.failure() != null) {
            output.put("failure", standing.failure());
        }
        var dead = output.putArray("deadLetters");
        for (var letter : standing.dead()) {
            var one =
                    dead.addObject()
                            .put("id", letter.id())
                            .put("since", letter.since().getEpochSecond())
                            .put("reason", letter.reason());
            letter.receivers().forEach(one.putArray("to")::add);
        }
        return output;
    }

    // ---- for programs -------------------------------------------------------------------------

    private static ObjectNode json(WeekReport report) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("from", report.from().toString()).put("to", report.to().toString());
        json.put("zone", report.zone().getId());
        json.set("week", json(report.week()));
        if (report.before() != null) {
            json.set("before", json(report.before()));
        }
        var people = json.putArray("people");
        for (var person : report.people()) {
            var one =
                    people.addObject()
                            .put("name", person.name())
                            .put("calls", person.calls())
                            .put("changes", person.changes())
                            .put("errors", person.errors())
                            .put("before", person.before())
                            .put("last", person.last().toString());
            deeds(one.putArray("deeds"), person.deeds());
        }
        var resources = json.putArray("resources");
        for (var thing : report.resources()) {
            var one =
                    resources
                            .addObject()
                            .put("name", thing.name())
                            .put("type", thing.type())
                            .put("calls", thing.calls())
                            .put("changes", thing.changes())
                            .put("errors", thing.errors());
            deeds(one.putArray("by"), thing.by());
        }
        var oddities = json.putArray("oddities");
        for (var oddity : report.oddities()) {
            oddities.addObject()
                    .put("kind", oddity.kind().name())
                    .put("subject", oddity.subject())
                    .put("words", oddity.words());
        }
        report.notes().forEach(json.putArray("notes")::add);
        return json;
    }

    private static ObjectNode json(WeekReport.Totals totals) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("calls", totals.calls())
                .put("changes", totals.changes())
                .put("errors", totals.errors())
                .put("people", totals.people())
                .put("regions", totals.regions());
    }

    private static void deeds(ArrayNode list, List<WeekReport.Deed> deeds) {
        for (var deed : deeds) {
            list.addObject().put("name", deed.name()).put("calls", deed.calls());
        }
    }
}
