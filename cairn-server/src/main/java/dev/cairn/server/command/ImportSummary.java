package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What became of every file and event of an import. Any thread may add to it.
final class ImportSummary {
    /// Refusals kept by name; the rest are counted.
    private static final int REFUSALS_MAX = 10_000;

    private final String into;
    private final long startNanos = System.nanoTime();
    private final Map<Place, Count> counts =
            new TreeMap<>(Comparator.comparing(Place::account).thenComparing(Place::region));
    private final List<Refusal> refusals = new ArrayList<>();
    private final List<String> passedOver = new ArrayList<>();
    private long files;
    private long recorded;
    private long duplicates;
    private long refused;
    private long expired;
    private long notSent;
    private String stopped = "";

    private record Place(String account, String region) {}

    private record Refusal(String file, String message) {}

    private static final class Count {
        private long events;
        private long earliest = Long.MAX_VALUE;
        private long latest = Long.MIN_VALUE;
    }

    /// @param into the event data store that takes the events; empty for event history
    ImportSummary(String into) {
        this.into = into;
    }

    synchronized void passedOver(String file) {
        passedOver.add(file);
    }

    /// A file or a folder that cannot be read.
    synchronized void unreadable(String path, IOException failure) {
        refused(path, "cannot be read: " + failure);
    }

    /// A file that was refused as a whole.
    synchronized void refused(String file, String message) {
        files++;
        refuse(1, file, message);
    }

    /// A file met what the others would meet, too: they are not sent.
    synchronized void stop(String file, String message) {
        refused(file, message);
        stopped = message;
    }

    synchronized boolean stopped() {
        return !stopped.isEmpty();
    }

    /// Counts a file that was not sent after a stop.
    synchronized void notSent() {
        notSent++;
    }

    /// Adds the server's answer for one file.
    synchronized void add(String file, JsonNode answer) {
        files++;
        recorded += answer.path("recorded").asLong();
        duplicates += answer.path("duplicates").asLong();
        expired += answer.path("expired").asLong();
        for (var count : answer.path("counts")) {
            var place = new Place(count.path("account").asText(), count.path("region").asText());
            var sum = counts.computeIfAbsent(place, _ -> new Count());
            sum.events += count.path("events").asLong();
            sum.earliest = Math.min(sum.earliest, count.path("earliest").asLong());
            sum.latest = Math.max(sum.latest, count.path("latest").asLong());
        }
        var named = 0;
        for (var refusal : answer.path("refused")) {
            named++;
            refuse(
                    1,
                    file,
                    "record %d: %s: %s"
                            .formatted(
                                    refusal.path("index").asLong(),
                                    refusal.path("code").asText(),
                                    refusal.path("message").asText()));
        }
        var unnamed = answer.path("refusedCount").asLong() - named;
        if (unnamed > 0) {
            refuse(unnamed, file, unnamed + " more records refused");
        }
        var failure = answer.path("failure").asText("");
        if (!failure.isEmpty()) {
            refuse(1, file, failure);
        }
    }

    private void refuse(long count, String file, String message) {
        refused += count;
        if (refusals.size() < REFUSALS_MAX) {
            refusals.add(new Refusal(file, message));
        }
    }

    synchronized String rate() {
        var seconds = Math.max(1e-3, (System.nanoTime() - startNanos) / 1e9);
        return "%,d events, %,.0f/s"
                .formatted(recorded + duplicates, (recorded + duplicates) / seconds);
    }

    /// Whether nothing was refused.
    synchronized boolean whole() {
        return refused == 0;
    }

    synchronized void print(PrintWriter out, int refusalsShown) {
        var table = new Table("ACCOUNT", "REGION", "EVENTS", "FROM", "TO");
        counts.forEach((place, count) ->
                table.row(
                        place.account(),
                        place.region(),
                        count.events,
                        Instant.ofEpochSecond(count.earliest),
                        Instant.ofEpochSecond(count.latest)));
        if (!table.isEmpty()) {
            table.print(out);
            out.println();
        }
        out.println(
                "%,d files: %,d events recorded, %,d seen before, %,d refused"
                        .formatted(files, recorded, duplicates, refused));
        if (expired > 0) {
            out.println(
                    "  %,d events are older than the event data store keeps them"
                            .formatted(expired));
        }
        for (var refusal : refusals.subList(0, Math.min(refusalsShown, refusals.size()))) {
            out.println("  refused  " + refusal.file() + ": " + Table.clean(refusal.message()));
        }
        if (refusals.size() > refusalsShown) {
            out.println(
                    "  ... and %,d more; --json names them"
                            .formatted(refusals.size() - refusalsShown));
        }
        if (stopped()) {
            out.println(
                    "stopped: %s; %,d files were not sent: import again when it is mended"
                            .formatted(Table.clean(stopped), notSent));
        }
        for (var file : passedOver.subList(0, Math.min(refusalsShown, passedOver.size()))) {
            out.println("  passed over  " + file);
        }
        counts.entrySet().stream()
                .max(Comparator.comparingLong(entry -> entry.getValue().events))
                .ifPresent(entry -> out.println("next: " + next(entry.getKey(), entry.getValue())));
    }

    /// What to ask of what was imported.
    private String next(Place place, Count count) {
        return into.isEmpty()
                ? "eval \"$(cairn env --account %s --region %s)\" && aws cloudtrail lookup-events --start-time %s"
                        .formatted(
                                place.account(),
                                place.region(),
                                Instant.ofEpochSecond(count.earliest).toString().substring(0, 10))
                : "cairn query 'SELECT eventName, count(*) AS n FROM logs GROUP BY 1 ORDER BY n DESC' --eds "
                        + into;
    }

    synchronized ObjectNode json() {
        var json = new ObjectMapper().createObjectNode();
        json.put("files", files)
                .put("recorded", recorded)
                .put("duplicates", duplicates)
                .put("refused", refused)
                .put("expired", expired)
                .put("notSent", notSent);
        var rows = json.putArray("counts");
        counts.forEach((place, count) ->
                rows.addObject()
                        .put("account", place.account())
                        .put("region", place.region())
                        .put("events", count.events)
                        .put("from", Instant.ofEpochSecond(count.earliest).toString())
                        .put("to", Instant.ofEpochSecond(count.latest).toString()));
        var refusedRows = json.putArray("refusals");
        refusals.forEach(refusal ->
                refusedRows
                        .addObject()
                        .put("file", refusal.file())
                        .put("message", refusal.message()));
        var over = json.putArray("passedOver");
        passedOver.forEach(over::add);
        return json;
    }
}
