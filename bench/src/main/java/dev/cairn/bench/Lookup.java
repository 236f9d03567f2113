package dev.cairn.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.bench.Report.Better;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.history.HistoryReader;
import dev.cairn.embedded.history.HistorySettings;
import dev.cairn.embedded.history.LuceneHistory;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Design row 4: LookupEvents over HTTP by every attribute, beside DuckDB over Parquet files of the
/// same events, a file a day.
///
/// A third of a million events a day, up to ten million over the last 30 days, are loaded through
/// ledger and history without HTTP. At each size the server is started on them, and asked one
/// question after another on one connection, for values drawn from the events themselves: what is
/// common in the events is asked for as commonly. DuckDB answers the first of the same questions.
final class Lookup {
    private static final int PER_DAY = 333_334;
    private static final int DAYS_MAX = 30;
    private static final int BATCH = 2_000;
    private static final long BEHIND_MAX = 100_000;
    private static final int WARM_UP = 100;
    private static final int QUESTIONS = 400;
    private static final int PEER_QUESTIONS = 7;
    private static final ObjectMapper JSON = new ObjectMapper();

    /// The attributes of LookupEvents, and none.
    static final List<String> ATTRIBUTES =
            List.of(
                    "EventId",
                    "EventName",
                    "EventSource",
                    "ReadOnly",
                    "Username",
                    "ResourceType",
                    "ResourceName",
                    "AccessKeyId",
                    "");

    private final Checkout checkout;
    private final Path data;
    private final Path parquet;
    private final Traffic traffic;
    private final Report report;
    private final boolean withPeer;
    private final Instant start;
    private long loaded;

    Lookup(
            Checkout checkout,
            Scratch scratch,
            Traffic traffic,
            Report report,
            boolean withPeer,
            Instant now) {
        this.checkout = checkout;
        this.data = scratch.resolve("lookup-cairn");
        this.parquet = scratch.resolve("lookup-parquet");
        this.traffic = traffic;
        this.report = report;
        this.withPeer = withPeer;
        this.start = now.truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofDays(DAYS_MAX));
    }

    /// `1 M`, or the number when it is not millions.
    static String millions(long events) {
        return events >= 1_000_000 && events % 100_000 == 0
                ? Report.number(events / 1e6).replaceFirst("\\.?0+$", "") + " M"
                : String.format(Locale.ROOT, "%,d", events);
    }

    /// @param sizes ascending, at most ten million
    void run(List<Long> sizes) throws BenchException, InterruptedException {
        for (long size : sizes) {
            if (size > (long) PER_DAY * DAYS_MAX) {
                throw new BenchException("expected at most 10000000 events, got " + size);
            }
            try (var peer = withPeer ? new ParquetPeer(parquet) : null) {
                load(size, peer);
                measure(size, peer);
            } catch (SQLException e) {
                throw new BenchException("DuckDB: " + e.getMessage(), e);
            }
        }
        Scratch.remove(data);
        Scratch.remove(parquet);
    }

    // ---- loading ------------------------------------------------------------------------------

    private void load(long size, @Nullable ParquetPeer peer)
            throws BenchException, InterruptedException, SQLException {
        long first = loaded;
        long began = System.nanoTime();
        var clock = InstantSource.system();
        // Nobody searches meanwhile; only the loading waits to see how far history is.
        var settings =
                HistorySettings.DEFAULT.withIntervals(
                        Duration.ofSeconds(1), Duration.ofSeconds(30));
        try (DataFolder folder = DataFolder.openOrCreate(data);
                SegmentLedger ledger =
                        SegmentLedger.open(folder.disk(), LedgerSettings.DEFAULTS, clock);
                LuceneHistory history =
                        LuceneHistory.open(folder.path().resolve("history"), settings, clock)) {
            try (HistoryReader reader =
                    HistoryReader.start(
                            ledger,
                            history,
                            settings,
                            clock,
                            HistoryReader.GiveUp.NOTHING,
                            (_, _) -> {})) {
                while (loaded < size) {
                    Position last = append(ledger, (int) Math.min(BATCH, size - loaded));
                    loaded = loaded + Math.min(BATCH, size - loaded);
                    if (last.offset() > BEHIND_MAX) {
                        awaitVisible(reader, new Position(0, last.offset() - BEHIND_MAX));
                    }
                    if (loaded == size) {
                        awaitVisible(reader, last);
                    }
                }
            }
            tidy(history, clock.instant(), size);
        } catch (DataFolderException | LedgerException | HistoryException e) {
            throw new BenchException("loading failed: " + e.getMessage(), e);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        report.add(
                "growth",
                "load ledger and history to " + millions(size),
                (size - first) / seconds,
                "events/s",
                "%s more".formatted(millions(size - first)));
        if (peer != null) {
            began = System.nanoTime();
            for (long at = first; at < size; at += PER_DAY) {
                peer.add(traffic, at, Math.min(size, at + PER_DAY), this::time);
            }
            System.err.printf(
                    Locale.ROOT, "Parquet made in %.0f s%n", (System.nanoTime() - began) / 1e9);
        }
    }

    /// What a server does by itself with days that are over, once nothing came for them for ten
    /// minutes.
    private void tidy(LuceneHistory history, Instant now, long size)
            throws HistoryException, InterruptedException {
        long began = System.nanoTime();
        history.tidy(now);
        while (history.tidy(now.plus(Duration.ofHours(1)))) {
            Thread.sleep(10);
        }
        report.add(
                "growth",
                "merge the days that are over, of " + millions(size),
                (System.nanoTime() - began) / 1e9,
                "s",
                "as a server does that has time");
    }

    private Position append(SegmentLedger ledger, int count)
            throws BenchException, InterruptedException {
        List<Entry> entries = new ArrayList<>(count);
        for (long at = loaded; at < loaded + count; at++) {
            byte[] time = time(at).toString().getBytes(StandardCharsets.US_ASCII);
            entries.add(
                    new Entry(
                            traffic.place(at),
                            traffic.id(at),
                            Origin.INTAKE,
                            traffic.event(at, time)));
        }
        for (int i = 0; i < 6000; i++) {
            switch (ledger.append(entries).getLast()) {
                case Append.Recorded(Position position) -> {
                    return position;
                }
                case Append.Pushback _ -> Thread.sleep(100);
                case Append other ->
                        throw new BenchException("expected events recorded, got " + other);
            }
        }
        throw new BenchException("the ledger pushed back for ten minutes");
    }

    private static void awaitVisible(HistoryReader reader, Position position)
            throws BenchException, InterruptedException {
        if (!reader.awaitVisible(position, Duration.ofMinutes(10))) {
            throw new BenchException("history did not catch up: " + reader.status());
        }
    }

    /// Evenly over the days.
    private Instant time(long ordinal) {
        return start.plusSeconds(ordinal * 86_400 / PER_DAY);
    }

    // ---- asking -------------------------------------------------------------------------------

    private void measure(long size, @Nullable ParquetPeer peer)
            throws BenchException, InterruptedException, SQLException {
        try (CairnServer server = CairnServer.start(checkout, data);
                HttpConnection connection = new HttpConnection(server.endpoint())) {
            report.add("growth", "start on " + millions(size), server.readySeconds(), "s", "");
            List<List<String>> values = new ArrayList<>();
            for (String attribute : ATTRIBUTES) {
                values.add(values(attribute, size));
            }
            for (int i = 0; i < ATTRIBUTES.size(); i++) {
                for (String value : values.get(i).subList(0, WARM_UP)) {
                    ask(server, connection, ATTRIBUTES.get(i), value, new Sample());
                }
            }
            Sample all = new Sample();
            for (int i = 0; i < ATTRIBUTES.size(); i++) {
                attribute(server, connection, size, i, values.get(i), all, peer);
            }
            report.add(
                    "lookup",
                    millions(size) + ", all together, p99",
                    all.percentile(0.99),
                    "ms",
                    "p50 %s, max %s, of %d"
                            .formatted(
                                    Report.number(all.median()),
                                    Report.number(all.max()),
                                    all.count()));
            report.add(
                    "growth",
                    "heap serving " + millions(size),
                    Processes.heapMegabytes(server.pid()),
                    "MB",
                    "live objects; resident %.0f MB"
                            .formatted(Processes.residentMegabytes(server.pid())));
        } catch (IOException e) {
            throw new BenchException("asking broke off: " + e.getMessage(), e);
        }
        report.add(
                "growth",
                "ledger on disk, " + millions(size),
                (double) Scratch.bytes(data.resolve("ledger")) / size,
                "bytes/event",
                "of %.0f".formatted(traffic.bytesMean()));
        report.add(
                "growth",
                "history on disk, " + millions(size),
                (double) Scratch.bytes(data.resolve("history")) / size,
                "bytes/event",
                peer == null
                        ? ""
                        : "Parquet %.0f".formatted((double) Scratch.bytes(parquet) / size));
    }

    private void attribute(
            CairnServer server,
            HttpConnection connection,
            long size,
            int which,
            List<String> values,
            Sample all,
            @Nullable ParquetPeer peer)
            throws BenchException, IOException, SQLException {
        String attribute = ATTRIBUTES.get(which);
        Sample millis = new Sample();
        List<Integer> counts = new ArrayList<>();
        for (String value : values.subList(WARM_UP, values.size())) {
            int count = ask(server, connection, attribute, value, millis);
            counts.add(count);
            all.add(millis.last());
        }
        Sample theirs = new Sample();
        if (peer != null) {
            peer.ask(attribute, values.get(0));
            for (int i = 0; i < PEER_QUESTIONS; i++) {
                long began = System.nanoTime();
                int count = peer.ask(attribute, values.get(WARM_UP + i));
                theirs.add((System.nanoTime() - began) / 1e6);
                // Cairn's own calls are among the newest of its events.
                if (counts.get(i) < count) {
                    throw new BenchException(
                            "%s %s: DuckDB found %d, Cairn %d"
                                    .formatted(
                                            attribute,
                                            values.get(WARM_UP + i),
                                            count,
                                            counts.get(i)));
                }
            }
        }
        String figure =
                millions(size) + (attribute.isEmpty() ? ", newest" : ", by " + attribute) + ", p";
        String name = peer == null ? "" : "DuckDB 2.0.0.1 on Parquet";
        report.add(
                "lookup",
                figure + "50",
                millis.median(),
                "ms",
                Better.LESS,
                name,
                peer == null ? Double.NaN : theirs.median(),
                peer == null ? "" : "its median of " + theirs.count());
        report.add(
                "lookup",
                figure + "99",
                millis.percentile(0.99),
                "ms",
                Better.LESS,
                name,
                peer == null ? Double.NaN : theirs.max(),
                (peer == null ? "" : "its largest; ")
                        + "max "
                        + Report.number(millis.max())
                        + " of "
                        + millis.count());
    }

    /// Values of events drawn by chance, as many as there are questions and warm-ups.
    private List<String> values(String attribute, long size) {
        var random = new SplittableRandom(7);
        List<String> values = new ArrayList<>();
        while (values.size() < WARM_UP + QUESTIONS) {
            long ordinal = random.nextLong(size);
            String value = traffic.isLookedUp(ordinal) ? traffic.value(attribute, ordinal) : null;
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    /// @return how many events the answer holds
    private static int ask(
            CairnServer server,
            HttpConnection connection,
            String attribute,
            String value,
            Sample millis)
            throws BenchException, IOException {
        byte[] body = question(attribute, value);
        String head = server.lookupHead(body);
        long began = System.nanoTime();
        var answer = connection.send(head, body, body.length);
        millis.add((System.nanoTime() - began) / 1e6);
        if (answer.status() != 200) {
            throw new BenchException(
                    "LookupEvents: %d %s".formatted(answer.status(), answer.text()));
        }
        int found = JSON.readTree(answer.body()).path("Events").size();
        if (found == 0) {
            throw new BenchException("LookupEvents found nothing by " + attribute + " " + value);
        }
        return found;
    }

    /// The body of a LookupEvents call; an empty attribute asks for the newest.
    static byte[] question(String attribute, String value) {
        var json = JsonNodeFactory.instance.objectNode();
        if (!attribute.isEmpty()) {
            json.putArray("LookupAttributes")
                    .addObject()
                    .put("AttributeKey", attribute)
                    .put("AttributeValue", value);
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
