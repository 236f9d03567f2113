package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.server.chart.Chart;
import dev.cairn.server.chart.ChartPicture;
import dev.cairn.server.chart.ChartText;
import dev.cairn.server.configuration.Settings;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "query",
        description =
                "Answers SQL over the events of log files, which needs no server, or of an event data store.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn query 'SELECT eventName, count(*) AS n FROM logs GROUP BY 1 ORDER BY n DESC' --logs AWSLogs/",
            "  cairn query 'SELECT * FROM logs WHERE errorCode IS NOT NULL' --logs AWSLogs/ --out errors.csv",
            "  cairn query \"$(cat question.sql)\" --logs AWSLogs/ --logs more.json.gz --format ndjson | jq .",
            "  cairn query \"SELECT count(*) FROM logs WHERE eventTime > '2026-01-01 00:00:00'\" --eds all",
            "  cairn query 'SELECT eventName, count(*) FROM logs GROUP BY 1 ORDER BY 2 DESC LIMIT 20' --eds all --chart bar",
            "  cairn query 'SELECT count(*) FROM logs' --logs s3://old-logs/AWSLogs/ --s3-endpoint aws",
            "",
            "The SQL is Trino's SELECT, as CloudTrail Lake takes it; the table is called logs. docs/guide/lake.md has its",
            "columns and more examples. What was read is kept for the next query. Exits 0 when every file could be read",
            "whole, 1 when one could not (the answer is of the rest) or the query failed, 2 when the query was refused."
        })
final class QueryCommand implements Callable<Integer> {
    private static final Set<String> FORMATS = Set.of("table", "csv", "json", "ndjson", "parquet");

    /// What an answer is called until it is whole.
    private static final String PART = ".part";

    private static final int BAD_SHOWN = 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(index = "0", paramLabel = "SQL", description = "The query.")
    private String sql = "";

    @Option(
            names = "--logs",
            paramLabel = "PATH",
            description =
                    "A file or a folder of log files, plain, gzip or zstd, or s3://BUCKET/PREFIX; may be given several times.")
    private List<String> logs = new ArrayList<>();

    @Option(
            names = "--eds",
            paramLabel = "NAME|ID",
            description =
                    "An event data store of a running server instead: bounds are its settings, the account and region are the caller's.")
    private @Nullable String store;

    @Mixin private ServerChoice target = new ServerChoice();

    @Mixin private S3Choice s3 = new S3Choice();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "table, csv, json, ndjson or parquet (default: as --out ends, else table).")
    private String format = "";

    @Option(
            names = "--chart",
            paramLabel = "bar|line",
            description =
                    "Draws the answer: a label and numbers in each row. In the terminal, or as a picture: --out FILE.svg or FILE.png.")
    private @Nullable String chart;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the answer goes, once it is whole; else to standard output.")
    private @Nullable Path out;

    @Option(
            names = "--cache",
            paramLabel = "FOLDER",
            description =
                    "Where what was read is kept (default: cairn/logs in $XDG_CACHE_HOME or ~/.cache).")
    private @Nullable Path cache;

    @Option(names = "--no-cache", description = "Reads everything anew and keeps nothing.")
    private boolean noCache;

    @Option(
            names = "--cache-max",
            paramLabel = "SIZE",
            defaultValue = "10GB",
            description = "How much is kept (default: ${DEFAULT-VALUE}); the oldest goes first.")
    private String cacheMax = "10GB";

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            defaultValue = "2GB",
            description = "Memory before a query goes on disk (default: ${DEFAULT-VALUE}).")
    private String memory = "2GB";

    @Option(
            names = "--temporary-space",
            paramLabel = "SIZE",
            defaultValue = "20GB",
            description = "Disk that a query may use while it runs (default: ${DEFAULT-VALUE}).")
    private String temporarySpace = "20GB";

    @Option(
            names = "--time",
            paramLabel = "TIME",
            defaultValue = "1h",
            description = "How long a query may run (default: ${DEFAULT-VALUE}).")
    private String time = "1h";

    @Override
    public Integer call() throws Exception {
        var chosen = chosenFormat();
        if (logs.isEmpty() == (store == null)) {
            throw new CommandException(
                    "expected either --logs PATH or --eds NAME|ID", CommandException.USAGE);
        }
        for (var path : logs) {
            if (BucketPlace.of(path).isEmpty() && !Files.exists(LogFiles.path(path))) {
                throw new CommandException(
                        path + " is neither a file nor a folder", CommandException.USAGE);
            }
        }
        var part = out == null ? null : out.resolveSibling(out.getFileName() + PART);
        try {
            var whole = store == null ? overLogs(chosen, part) : overStore(store, chosen, part);
            if (out != null && part != null) {
                Files.move(
                        part,
                        out,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
            return whole ? 0 : CommandException.FAILED;
        } finally {
            if (part != null) {
                Files.deleteIfExists(part);
            }
        }
    }

    private boolean overLogs(String chosen, @Nullable Path part) throws Exception {
        try (var worker = QueryWorker.start();
                var fetched =
                        new FetchedLogs(
                                noCache
                                        ? worker.scratch().resolve("buckets")
                                        : cacheFolder().resolveSibling("buckets"),
                                bytes("--cache-max", cacheMax))) {
            var question = question(worker.scratch(), chosen.equals("parquet") ? part : null);
            paths(fetched).forEach(question.putArray("logs")::add);
            worker.ask(question);
            try (var writer = writer(chosen, part)) {
                return new Hearing(worker, answer(chosen, writer, part)).hear() && fetched.whole();
            }
        }
    }

    /// Where the log files are on this machine; those of buckets are fetched.
    private List<String> paths(FetchedLogs fetched) throws Exception {
        var paths = new ArrayList<String>();
        for (var path : logs) {
            var place = BucketPlace.of(path);
            if (place.isEmpty()) {
                paths.add(LogFiles.path(path).toAbsolutePath().toString());
            } else {
                var copies =
                        s3.<List<Path>>read(
                                target,
                                buckets -> fetched.fetch(buckets, s3.named(target), place.get()));
                copies.forEach(copy -> paths.add(copy.toAbsolutePath().toString()));
            }
        }
        return paths;
    }

    private QueryAnswer answer(String chosen, Writer writer, @Nullable Path part)
            throws CommandException {
        if (chart == null) {
            return QueryAnswer.of(chosen, writer);
        }
        return new ChartAnswer(
                kind(chart),
                part == null
                        ? drawn -> new ChartText(writer).draw(drawn)
                        : drawn -> {
                            try (var picture = Files.newOutputStream(part)) {
                                ChartPicture.draw(
                                        drawn, ChartPicture.Format.valueOf(chosen), picture);
                            }
                        });
    }

    private boolean overStore(String named, String chosen, @Nullable Path part)
            throws CommandException, IOException, InterruptedException {
        try (var connection = target.connect()) {
            var query = new StoreQuery(connection, target.region());
            if (chosen.equals("parquet") && part != null) {
                parquet(query, named, part);
            } else {
                try (var writer = writer(chosen, part)) {
                    query.ask(named, sql, answer(chosen, writer, part));
                }
            }
            return true;
        }
    }

    /// Rows come as JSON, and with what types they have: a worker of our own writes the file.
    private void parquet(StoreQuery query, String named, Path part)
            throws CommandException, IOException, InterruptedException {
        try (var worker = QueryWorker.start()) {
            var file = worker.scratch().resolve("rows");
            QueryAnswer.Rows rows;
            try (var writer = Files.newBufferedWriter(file)) {
                rows = new QueryAnswer.Rows(writer);
                query.ask(named, sql, rows);
            }
            var question = question(worker.scratch(), part);
            var asked = question.putObject("rows").put("file", file.toString());
            rows.columns().forEach(asked.putArray("columns")::add);
            rows.types().forEach(asked.putArray("types")::add);
            worker.ask(question);
            var _ = new Hearing(worker, QueryAnswer.of("parquet", Writer.nullWriter())).hear();
        }
    }

    private String chosenFormat() throws CommandException {
        if (chart != null) {
            var _ = kind(chart);
            return chosenPicture();
        }
        var chosen = format;
        if (chosen.isEmpty()) {
            var name = out == null ? "" : out.toString().toLowerCase(Locale.ROOT);
            chosen =
                    FORMATS.stream()
                            .filter(known -> name.endsWith("." + known))
                            .findFirst()
                            .orElse("table");
        }
        if (!FORMATS.contains(chosen)) {
            throw new CommandException(
                    "--format: expected table, csv, json, ndjson or parquet, got '" + chosen + "'",
                    CommandException.USAGE);
        }
        if (chosen.equals("parquet") && out == null) {
            throw new CommandException("--format parquet needs --out FILE", CommandException.USAGE);
        }
        return chosen;
    }

    private static Chart.Kind kind(String chart) throws CommandException {
        return switch (chart) {
            case "bar" -> Chart.Kind.BAR;
            case "line" -> Chart.Kind.LINE;
            default ->
                    throw new CommandException(
                            "--chart: expected bar or line, got '" + chart + "'",
                            CommandException.USAGE);
        };
    }

    private String chosenPicture() throws CommandException {
        var name = out == null ? "" : out.toString().toUpperCase(Locale.ROOT);
        for (var picture : ChartPicture.Format.values()) {
            if (name.endsWith("." + picture)) {
                return picture.toString();
            }
        }
        if (out != null || !format.isEmpty()) {
            throw new CommandException(
                    "--chart: expected --out FILE.svg or FILE.png, or neither --out nor --format",
                    CommandException.USAGE);
        }
        return "table";
    }

    private Writer writer(String chosen, @Nullable Path part) throws IOException {
        if (chosen.equals("parquet") || (chart != null && part != null)) {
            // It is bytes, and written by somebody else.
            return Writer.nullWriter();
        }
        return part == null
                ? new BufferedWriter(
                        new OutputStreamWriter(
                                new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8))
                : Files.newBufferedWriter(part);
    }

    private ObjectNode question(Path scratch, @Nullable Path parquet) throws CommandException {
        var question = JSON.createObjectNode().put("sql", sql);
        if (!noCache) {
            question.put("cache", cacheFolder().toAbsolutePath().toString());
        }
        question.put("cacheBytesMax", bytes("--cache-max", cacheMax));
        question.put("scratch", scratch.toString());
        question.put("memoryBytes", bytes("--memory", memory));
        question.put("spillBytes", bytes("--temporary-space", temporarySpace));
        question.put("threads", Runtime.getRuntime().availableProcessors());
        var limit = Settings.parseDuration(time);
        if (limit == null) {
            throw new CommandException(
                    "--time: expected a duration such as 90s or 2h, got '" + time + "'",
                    CommandException.USAGE);
        }
        question.put("milliseconds", limit.toMillis());
        if (parquet != null) {
            question.put("parquet", parquet.toAbsolutePath().toString());
        }
        return question;
    }

    private Path cacheFolder() {
        if (cache != null) {
            return cache;
        }
        var home = System.getenv("XDG_CACHE_HOME");
        var base =
                home == null || home.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(home);
        return base.resolve("cairn").resolve("logs");
    }

    private static long bytes(String option, String text) throws CommandException {
        return Settings.parseBytes(text)
                .orElseThrow(() ->
                        new CommandException(
                                option
                                        + ": expected a size such as 512MB or 2GB, got '"
                                        + text
                                        + "'",
                                CommandException.USAGE));
    }

    /// What the worker says, until its last word.
    private static final class Hearing {
        private final QueryWorker worker;
        private final QueryAnswer answer;
        private @Nullable Progress bar;
        private boolean whole = true;
        private boolean rows;

        Hearing(QueryWorker worker, QueryAnswer answer) {
            this.worker = worker;
            this.answer = answer;
        }

        /// @return whether every log file could be read whole
        boolean hear() throws IOException, CommandException, InterruptedException {
            try {
                while (true) {
                    var said = worker.next();
                    if (said.isArray()) {
                        closeBar();
                        rows = true;
                        answer.row(said);
                    } else if (said.has("done")) {
                        answer.end();
                        return whole;
                    } else {
                        word(said);
                    }
                }
            } finally {
                closeBar();
            }
        }

        private void word(JsonNode said) throws IOException, CommandException {
            if (said.has("reading")) {
                var reading = said.path("reading");
                if (bar == null) {
                    bar = Progress.bytes("read", reading.path("total").asLong());
                }
                bar.at(
                        reading.path("done").asLong(),
                        "%,d events".formatted(reading.path("events").asLong()));
            } else if (said.has("read")) {
                closeBar();
                read(said.path("read"));
            } else if (said.has("running")) {
                if (rows) {
                    // A bar between rows would only be in the way.
                    return;
                }
                if (bar == null) {
                    bar = Progress.percent("query");
                }
                bar.at(said.path("running").asLong());
            } else if (said.has("columns")) {
                answer.begin(
                        QueryAnswer.texts(said.path("columns")),
                        QueryAnswer.texts(said.path("types")));
            } else if (said.has("refused")) {
                throw new CommandException(
                        Table.clean(said.path("refused").asText()), CommandException.USAGE);
            } else if (said.has("failed")) {
                throw new CommandException(
                        "the query failed: " + Table.clean(said.path("failed").asText()));
            } else {
                throw new IllegalStateException("the worker said " + said);
            }
        }

        private void closeBar() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }

        private void read(JsonNode read) {
            if (Console.interactive()) {
                var leftOut = new StringBuilder();
                read.path("leftOut")
                        .forEachEntry((kind, count) ->
                                leftOut.append(
                                        "; left out: %,d %s".formatted(count.asLong(), kind)));
                Console.err()
                        .println(
                                "%,d events of %,d files%s"
                                        .formatted(
                                                read.path("events").asLong(),
                                                read.path("files").asLong(),
                                                leftOut));
            }
            var bad = read.path("bad");
            whole = bad.isEmpty();
            var shown = 0;
            for (var file : bad) {
                if (shown++ == BAD_SHOWN) {
                    Console.err()
                            .println("... and %,d more files".formatted(bad.size() - BAD_SHOWN));
                    return;
                }
                var count = file.path("count").asLong();
                Console.err()
                        .println(
                                "not whole: %s: %s%s"
                                        .formatted(
                                                Table.clean(file.path("file").asText()),
                                                Table.clean(file.path("message").asText()),
                                                count > 1
                                                        ? " (and %,d more)".formatted(count - 1)
                                                        : ""));
            }
        }
    }
}
