package dev.cairn.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.bench.Report.Better;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// Design rows 5 and 6: log files imported into an event data store by `cairn import --into`,
/// beside DuckDB that only turns the same files into Parquet; then ten questions and a look-up by
/// eventID through StartQuery, beside DuckDB over one ideal Parquet file and over the files as they
/// are.
///
/// The events are spread over 30 days, a packed file for each 50,000, a record a line: what DuckDB
/// reads best.
final class Querying {
    private static final int DAYS = 30;
    private static final int PER_FILE = 50_000;
    private static final int ROUNDS = 5;
    private static final int LOOK_UPS = 20;
    private static final int POLL_MILLIS = 5;
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Questions of AWS's samples, so written that both read the same text; `$T` is the table.
    private static final List<Question> QUESTIONS =
            List.of(
                    new Question(
                            "logs-by-region",
                            "SELECT awsRegion, count(*) AS n FROM $T GROUP BY awsRegion ORDER BY n DESC"),
                    new Question(
                            "list-events-with-errors",
                            "SELECT eventSource, errorCode, count(*) AS n FROM $T WHERE errorCode IS NOT NULL GROUP BY eventSource, errorCode ORDER BY n DESC"),
                    new Question(
                            "users-by-account",
                            "SELECT recipientAccountId, userIdentity.arn AS who, count(*) AS n FROM $T GROUP BY recipientAccountId, userIdentity.arn ORDER BY n DESC"),
                    new Question(
                            "iam-access-key-activity",
                            "SELECT eventTime, eventSource, eventName, sourceIPAddress FROM $T WHERE userIdentity.accessKeyId = '$KEY' AND eventTime > '$WEEK' ORDER BY eventTime DESC LIMIT 100"),
                    new Question(
                            "console-login-with-no-mfa",
                            "SELECT eventTime, userIdentity.arn AS who, sourceIPAddress FROM $T WHERE eventName = 'ConsoleLogin' AND additionalEventData['MFAUsed'] = 'No' ORDER BY eventTime DESC LIMIT 100"),
                    new Question(
                            "list-write-events-from-management-console",
                            "SELECT userIdentity.arn AS who, eventName, count(*) AS n FROM $T WHERE sessionCredentialFromConsole = 'true' AND readOnly = false GROUP BY userIdentity.arn, eventName ORDER BY n DESC"),
                    new Question(
                            "data-by-week-day",
                            "SELECT CAST(eventTime AS DATE) AS day, count(*) AS n FROM $T WHERE eventTime > '$WEEK' GROUP BY CAST(eventTime AS DATE) ORDER BY day"),
                    new Question(
                            "top-s3-objects",
                            "SELECT requestParameters['bucketName'] AS bucket, requestParameters['key'] AS object, count(*) AS n FROM $T WHERE eventSource = 's3.amazonaws.com' GROUP BY requestParameters['bucketName'], requestParameters['key'] ORDER BY n DESC LIMIT 25"),
                    new Question(
                            "activity-performed-by-IP-address",
                            "SELECT userIdentity.userName AS who, count(DISTINCT sourceIPAddress) AS addresses FROM $T GROUP BY userIdentity.userName ORDER BY addresses DESC"),
                    new Question(
                            "top-actions-by-iam-role",
                            "SELECT userIdentity.sessionContext.sessionIssuer.arn AS role, eventName, count(*) AS n FROM $T WHERE userIdentity.type = 'AssumedRole' GROUP BY userIdentity.sessionContext.sessionIssuer.arn, eventName ORDER BY n DESC LIMIT 50"));

    /// @param name of AWS's sample that asks this
    private record Question(String name, String sql) {}

    private static final String LOOK_UP = "SELECT eventJson FROM $T WHERE eventID = '$ID'";

    private final Checkout checkout;
    private final Scratch scratch;
    private final Traffic traffic;
    private final Report report;
    private final boolean withPeer;
    private final Instant start;

    Querying(
            Checkout checkout,
            Scratch scratch,
            Traffic traffic,
            Report report,
            boolean withPeer,
            Instant now) {
        this.checkout = checkout;
        this.scratch = scratch;
        this.traffic = traffic;
        this.report = report;
        this.withPeer = withPeer;
        this.start = now.truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofDays(DAYS));
    }

    void run(long size) throws BenchException, InterruptedException {
        Path files = scratch.resolve("query-files");
        Path data = scratch.resolve("query-cairn");
        Path parquet = scratch.resolve("query-parquet");
        double bytes = write(files, size);
        try (CairnServer server = CairnServer.start(checkout, data)) {
            String table = store(server);
            double seconds = load(server, files);
            expect(server, table, size);
            try (QueryPeer peer = withPeer ? new QueryPeer(files, parquet) : null) {
                imported(size, bytes, seconds, peer);
                report.add(
                        "growth",
                        "lake of " + Lookup.millions(size),
                        (double) Scratch.bytes(data.resolve("lake").resolve("tables")) / size,
                        "bytes/event",
                        "of %s sent".formatted(Report.number(bytes / size)));
                ask(server, table, size, peer);
                lookUp(server, table, size, peer);
            }
        } catch (SQLException e) {
            throw new BenchException("DuckDB: " + e.getMessage(), e);
        }
        Scratch.remove(files);
        Scratch.remove(data);
        Scratch.remove(parquet);
    }

    // ---- import ---------------------------------------------------------------------------------

    private Instant time(long ordinal, long size) {
        return start.plusSeconds(DAYS * 86_400L * ordinal / size);
    }

    /// @return how many bytes the records have
    private double write(Path folder, long size) throws BenchException {
        double bytes = 0;
        try {
            Files.createDirectories(folder);
            for (long first = 0; first < size; first += PER_FILE) {
                Path file = folder.resolve("events-%010d.ndjson.gz".formatted(first));
                try (OutputStream out = packing(file)) {
                    for (long at = first; at < Math.min(size, first + PER_FILE); at++) {
                        byte[] json =
                                traffic.event(
                                        at,
                                        time(at, size)
                                                .toString()
                                                .getBytes(StandardCharsets.US_ASCII));
                        out.write(json);
                        out.write('\n');
                        bytes += json.length;
                    }
                }
            }
        } catch (IOException e) {
            throw new BenchException("cannot write " + folder + ": " + e.getMessage(), e);
        }
        return bytes;
    }

    private static OutputStream packing(Path file) throws IOException {
        return new BufferedOutputStream(
                new GZIPOutputStream(Files.newOutputStream(file), 1 << 16) {
                    {
                        // At which CloudTrail's own files are packed, or nearly.
                        def.setLevel(Deflater.DEFAULT_COMPRESSION);
                    }
                },
                1 << 16);
    }

    /// Makes the store, which takes nothing of what is called meanwhile.
    ///
    /// @return its name in SQL
    private static String store(CairnServer server) throws BenchException {
        String arn =
                server.cloudTrail(
                                "CreateEventDataStore",
                                "{\"Name\":\"bench\",\"StartIngestion\":false}")
                        .path("EventDataStoreArn")
                        .asText();
        return arn.substring(arn.indexOf('/') + 1);
    }

    /// @return how long it took, the command's own start included
    private double load(CairnServer server, Path files)
            throws BenchException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(
                                checkout.launcher().toString(),
                                "import",
                                "--into",
                                "bench",
                                files.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(scratch.resolve("query-import.log").toFile());
        builder.environment().putAll(server.environment());
        long began = System.nanoTime();
        try {
            int exit = builder.start().waitFor();
            if (exit != 0) {
                throw new BenchException(
                        "cairn import ended with %d: %s"
                                .formatted(
                                        exit,
                                        Files.readString(scratch.resolve("query-import.log"))));
            }
        } catch (IOException e) {
            throw new BenchException("cannot import: " + e.getMessage(), e);
        }
        return (System.nanoTime() - began) / 1e9;
    }

    private static void expect(CairnServer server, String table, long size)
            throws BenchException, InterruptedException {
        JsonNode rows = answer(server, "SELECT count(*) AS n FROM " + table).rows();
        if (rows.at("/0/0/n").asLong() != size) {
            throw new BenchException(
                    "expected %d events in the store, got %s".formatted(size, rows));
        }
    }

    private void imported(long size, double bytes, double seconds, @Nullable QueryPeer peer)
            throws SQLException {
        String figure = "import %s events of packed files".formatted(Lookup.millions(size));
        String note =
                "%s MB/s of records; each once, checked, committed"
                        .formatted(Report.number(bytes / 1e6 / seconds));
        if (peer == null) {
            report.add("query", figure, size / seconds, "events/s", note);
            return;
        }
        report.add(
                "query",
                figure,
                size / seconds,
                "events/s",
                Better.MORE,
                "DuckDB's read_json and COPY, the record itself not kept",
                size / peer.convert(),
                note);
        report.add(
                "query",
                figure,
                size / seconds,
                "events/s",
                Better.MORE,
                "DuckDB, the record kept, sorted: the ideal file",
                size / peer.idealSeconds(),
                note);
    }

    // ---- questions ------------------------------------------------------------------------------

    private void ask(CairnServer server, String table, long size, @Nullable QueryPeer peer)
            throws BenchException, InterruptedException, SQLException {
        String key = key(size);
        String week =
                time(size, size)
                        .minus(Duration.ofDays(7))
                        .toString()
                        .replace('T', ' ')
                        .replace("Z", "");
        double ours = 0;
        double ideal = 0;
        double raw = 0;
        for (Question question : QUESTIONS) {
            String sql = question.sql().replace("$KEY", key).replace("$WEEK", week);
            Sample elapsed = new Sample();
            Sample running = new Sample();
            int rows = answer(server, sql.replace("$T", table)).rows().size();
            for (int round = 0; round < ROUNDS; round++) {
                Answer answer = answer(server, sql.replace("$T", table));
                elapsed.add(answer.elapsedMillis());
                running.add(answer.runningMillis());
            }
            String figure = Lookup.millions(size) + ", " + question.name();
            String note = "of it running: %s ms".formatted(Report.number(running.median()));
            ours += elapsed.median();
            if (peer == null) {
                report.add("query", figure, elapsed.median(), "ms", note);
                continue;
            }
            QueryPeer.Asked overIdeal = peer.ask(sql, false, ROUNDS);
            QueryPeer.Asked overRaw = peer.ask(sql, true, 1);
            for (QueryPeer.Asked asked : List.of(overIdeal, overRaw)) {
                if (asked.rows() != rows) {
                    throw new BenchException(
                            "%s: expected DuckDB's %d rows, got %d"
                                    .formatted(question.name(), asked.rows(), rows));
                }
            }
            ideal += overIdeal.millis();
            raw += overRaw.millis();
            add(figure, elapsed.median(), QueryPeer.IDEAL, overIdeal.millis(), note);
            add(figure, elapsed.median(), QueryPeer.RAW, overRaw.millis(), note);
        }
        if (peer != null) {
            String figure = Lookup.millions(size) + ", all ten";
            add(figure, ours, QueryPeer.IDEAL, ideal, "sum of medians");
            add(figure, ours, QueryPeer.RAW, raw, "sum of medians; the peer's of one each");
        }
    }

    private void add(String figure, double millis, String peer, double peerMillis, String note) {
        report.add("query", figure, millis, "ms", Better.LESS, peer, peerMillis, note);
    }

    /// An access key that is in the events.
    private String key(long size) throws BenchException {
        for (long at = 0; at < size; at++) {
            String key = traffic.value("AccessKeyId", at);
            if (key != null) {
                return key;
            }
        }
        throw new BenchException("expected an access key in the events");
    }

    private void lookUp(CairnServer server, String table, long size, @Nullable QueryPeer peer)
            throws BenchException, InterruptedException, SQLException {
        Sample elapsed = new Sample();
        Sample running = new Sample();
        Sample theirs = new Sample();
        for (int i = 0; i <= LOOK_UPS; i++) {
            String sql = LOOK_UP.replace("$ID", traffic.id(size * i / (LOOK_UPS + 1)));
            Answer answer = answer(server, sql.replace("$T", table));
            if (answer.rows().size() != 1) {
                throw new BenchException("expected one event, got " + answer.rows());
            }
            if (i > 0) {
                elapsed.add(answer.elapsedMillis());
                running.add(answer.runningMillis());
            }
            if (peer != null) {
                theirs.add(peer.ask(sql, false, 1).millis());
            }
        }
        String figure = Lookup.millions(size) + ", by eventID, p50";
        String note =
                "of it running: %s ms; max %s ms"
                        .formatted(Report.number(running.median()), Report.number(elapsed.max()));
        if (peer == null) {
            report.add("query", figure, elapsed.median(), "ms", note);
        } else {
            add(figure, elapsed.median(), QueryPeer.IDEAL, theirs.median(), note);
        }
    }

    /// What a query was answered.
    ///
    /// @param rows its first page
    /// @param elapsedMillis from the call to the first page
    /// @param runningMillis as DescribeQuery tells it
    private record Answer(JsonNode rows, double elapsedMillis, double runningMillis) {}

    private static Answer answer(CairnServer server, String sql)
            throws BenchException, InterruptedException {
        String body = JSON.createObjectNode().put("QueryStatement", sql).toString();
        long began = System.nanoTime();
        String id =
                "{\"QueryId\":\"%s\"}"
                        .formatted(server.cloudTrail("StartQuery", body).path("QueryId").asText());
        JsonNode page = server.cloudTrail("GetQueryResults", id);
        while (page.path("QueryStatus").asText().matches("QUEUED|RUNNING")) {
            Thread.sleep(POLL_MILLIS);
            page = server.cloudTrail("GetQueryResults", id);
        }
        double elapsed = (System.nanoTime() - began) / 1e6;
        if (!page.path("QueryStatus").asText().equals("FINISHED")) {
            throw new BenchException(sql + ": " + page);
        }
        return new Answer(
                page.path("QueryResultRows"),
                elapsed,
                server.cloudTrail("DescribeQuery", id)
                        .at("/QueryStatistics/ExecutionTimeInMillis")
                        .asDouble());
    }
}
